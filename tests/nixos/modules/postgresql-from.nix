# No older package is wanted, and all major versions use one data directory.
## postgresql.ini: Directory=/data/cluster
{ pkgs, ... }: {
  module = {
    services.postgresql = { enable = true; package = pkgs.postgresql_17; dataDir = "/data/cluster"; };
    migrations.postgresql = { enable = true; from = [ ]; };
  };
  holds = one: {
    "no older package is part of the system" = one.config.migrations.services.postgresql.environment.POSTGRESQL_BINDIRS
      == "${one.config.services.postgresql.finalPackage or pkgs.postgresql_17}/bin";
  };
}
