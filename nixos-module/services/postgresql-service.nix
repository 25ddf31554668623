# SPDX-License-Identifier: MIT
# What services.postgresql is as a service of `migrations.services`. Builtins only: postgresql.nix fills
# it in from NixOS's options, tests/postgresql/nixos.test from what a container has.
#
#   scripts    the directory of migrations/postgresql's scripts
#   major      the one to be at
#   directory  the data directories of all majors are in it
#   bindirs    of all majors that a migration may need
{ scripts, major, directory, bindirs }:
{
  stateVersion = major;
  directories = [ directory ];
  units = [ "postgresql.service" ];
  user = "postgres";
  detect = [ "${scripts}/detect" ];
  steps.upgrade = {
    from = ">=9.3";
    to = ">=13";
    description = "pg_upgrade, files linked";
    up = {
      check = [ "${scripts}/check" ];
      script = [ "${scripts}/upgrade" ];
      verify = [ "${scripts}/verify" ];
      post = [ "${scripts}/analyze" ];
    };
    down.warn = "pg_upgrade has no way back; a backup is restored instead.";
  };
  environment.POSTGRESQL_BINDIRS = builtins.concatStringsSep ":" bindirs;
}
