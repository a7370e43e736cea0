"""The door for programs: JSON over HTTP, described by `/api/v1/openapi.json` and docs/api.md."""
