-- Two roles and a database, once, as a superuser: the image of PostgreSQL runs this file on an empty volume; elsewhere
--   OWNER_PASSWORD_FILE=... APP_PASSWORD_FILE=... psql -v ON_ERROR_STOP=1 -f deploy/database-roles.sql
-- The owner makes and changes tables (deploy/migrate); the application reads and writes rows, and cannot rewrite evidence (grant_app_role).
-- Neither is a superuser, and neither may create roles or databases. The passwords stand in no command line and in no log of ours.
\set ON_ERROR_STOP 1
\if :{?owner} \else \set owner portal_owner \endif
\if :{?app} \else \set app portal_app \endif
\if :{?database} \else \set database portal \endif
\set owner_password `cat "$OWNER_PASSWORD_FILE"`
\set app_password `cat "$APP_PASSWORD_FILE"`

SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SELECT :'owner_password' = '' OR :'app_password' = '' AS without_password \gset
\if :without_password
    DO $$ BEGIN RAISE EXCEPTION 'OWNER_PASSWORD_FILE or APP_PASSWORD_FILE names a file that is empty or cannot be read.'; END $$;
\endif
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
-- A statement that is refused holds what people typed, and so do the details of its refusal: the server's log says which rule it was, and no more.
ALTER ROLE :"owner" SET log_min_error_statement = 'panic';
ALTER ROLE :"owner" SET log_error_verbosity = 'terse';
ALTER ROLE :"app" SET log_min_error_statement = 'panic';
ALTER ROLE :"app" SET log_error_verbosity = 'terse';
CREATE DATABASE :"database" OWNER :"owner" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";
