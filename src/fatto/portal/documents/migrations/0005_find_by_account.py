"""Documents that are already there: their accounts and tax ids among the words, their supporting files counted.

New documents get all this from `filing`; this does the same to older ones, out of the invoice as it
was read. It looks past row security, which its owner may lift for a moment, and past the tally, whose
numbers do not change. The table is locked meanwhile: minutes, where there are a million.
"""

from django.db import migrations

FILL = """
alter table documents_document no force row level security;
alter table documents_document disable trigger documents_tally_update;
update documents_document as document set
  words = coalesce(words, ''::tsvector)
    || to_tsvector('simple', lower(party_id))
    || setweight(to_tsvector('simple', coalesce((
         select string_agg(regexp_replace(lower(account #>> '{}'), '[^a-z0-9]', '', 'g'), ' ')
         from jsonb_path_query(document.invoice::jsonb, '$.payment[*].credit_transfers[*].account') account
       ), '')), 'A'),
  attachments = least(coalesce(jsonb_array_length(document.invoice::jsonb -> 'attachments'), 0), 32767)
where invoice like '{%';
alter table documents_document enable trigger documents_tally_update;
alter table documents_document force row level security;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_search_and_saved_views")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
