-- The two roles of the database, made once when the volume is empty (a trial makes the same: config/trial/postgres.py).
-- lims_owner owns the tables and migrates; lims_app is what the running application is, and may alter no table.
\getenv owner_password LIMS_OWNER_PASSWORD
\getenv app_password LIMS_APP_PASSWORD

CREATE ROLE lims_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE lims_app LOGIN PASSWORD :'app_password';
ALTER DATABASE lims OWNER TO lims_owner;
REVOKE ALL ON DATABASE lims FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE lims TO lims_app;
ALTER SCHEMA public OWNER TO lims_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO lims_app;
