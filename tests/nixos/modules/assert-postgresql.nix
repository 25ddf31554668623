## assertion: migrations.postgresql.from: only majors older than 15
{ pkgs, ... }: {
  module = {
    services.postgresql = { enable = true; package = pkgs.postgresql_15; dataDir = "/var/lib/postgresql/15"; };
    migrations.postgresql = { enable = true; from = [ pkgs.postgresql_17 ]; };
  };
}
