-- Run once, by the superuser, when the image makes the cluster: the role that Stoa signs in as, and its database. It owns that and
-- nothing else: enough for the migrations, and for extensions that PostgreSQL trusts. The password comes from the secret's
-- file, so that it stands neither in the environment nor on a command line.
\set password `cat /run/secrets/database_password`
CREATE ROLE stoa LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE stoa OWNER stoa;
REVOKE CONNECT ON DATABASE stoa FROM PUBLIC;
