# Fatto in a container. Written with care, but not yet run where Fatto is developed; see docs/operations.md.
#
# Two stages: the first has the tools and builds the package, the second holds only what runs. The embedded PostgreSQL is part of
# the packages, so the image works alone with a volume on /data, or with DATABASE_URL (compose.yaml).

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock requirements-portal.lock ./
RUN python -m venv /build && /build/bin/pip install --require-hashes -r requirements.lock
RUN python -m venv /app/.venv && /app/.venv/bin/pip install --require-hashes -r requirements-portal.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY tools ./tools
RUN /build/bin/python tools/messages.py compile \
 && /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && /app/.venv/bin/pip install --no-deps /dist/*.whl

FROM python:3.13-slim-bookworm
# A user with an entry in /etc/passwd: the embedded PostgreSQL asks the system who it runs as.
RUN useradd --system --uid 10001 --create-home --home-dir /home/fatto fatto \
 && install -d -o fatto -g fatto -m 0700 /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FATTO_DATA=/data \
    FATTO_BIND=0.0.0.0
USER fatto
WORKDIR /home/fatto
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/health/live', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["fatto", "serve"]
