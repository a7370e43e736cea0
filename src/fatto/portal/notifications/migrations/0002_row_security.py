"""Row security: what people are told is each person's own; links and devices are also found by their hash.

The outbox holds no content and is worked off for everybody, and the portal's keys are nobody's.
"""

from django.db import migrations

from fatto.portal.tenancy.rls import LINK, OF_MEMBER, Protect


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_begin")]

    operations = [
        Protect("notifications_wishes", see=OF_MEMBER),
        Protect("notifications_choice", see=OF_MEMBER),
        Protect("notifications_seen", see=OF_MEMBER),
        Protect("notifications_notice", see=OF_MEMBER),
        Protect("notifications_item", see=OF_MEMBER),
        Protect("notifications_device", see=f"{OF_MEMBER} or hash = {LINK}", write=OF_MEMBER),
        Protect("notifications_link", see=f"{OF_MEMBER} or hash = {LINK}"),
    ]
