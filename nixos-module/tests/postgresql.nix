# SPDX-License-Identifier: MIT
# services.postgresql from 15 to 17 by changing its package, and back to 15 without a loss.
import ./migration-test.nix {
  service = "postgresql";
  old = { lib, pkgs, ... }: {
    system.stateVersion = "23.11";
    services.postgresql = {
      enable = true;
      package = lib.mkOverride 900 pkgs.postgresql_15; # above the default of services.postgresql
      initdbArgs = [ "--data-checksums" "--locale=C" ];
      extensions = ps: [ ps.pg_partman ];
    };
    migrations.postgresql.enable = true;
  };
  new = { pkgs, ... }: { services.postgresql.package = pkgs.postgresql_17; };
  write = ''sudo -u postgres psql -XAtc "CREATE TABLE letters$1 AS SELECT n FROM generate_series(1, 10000) n"'';
  read = ''sudo -u postgres psql -XAtc "SELECT count(*) FROM letters$1" | grep -qx 10000'';
  fresh = ''machine.succeed("sudo -u postgres psql -XAtc 'CREATE EXTENSION pg_partman'")'';
  upgraded = ''
    machine.succeed("sudo -u postgres psql -XAtc 'SHOW server_version_num' | grep -q ^17")
    machine.succeed("sudo -u postgres psql -XAtc 'SHOW data_checksums' | grep -qx on")
    machine.succeed("sudo -u postgres psql -XAtc 'SELECT extname FROM pg_extension' | grep -qx pg_partman")
  '';
}
