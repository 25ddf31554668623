# SPDX-License-Identifier: MIT
# services.postgresql from 15 to 17 by changing its package, and back to 15 without a loss.
{
  name = "migrations-postgresql";
  nodes.machine = { lib, pkgs, ... }: {
    imports = [ ../. ];
    system.switch.enable = true;
    system.stateVersion = "23.11";
    services.postgresql = {
      enable = true;
      package = lib.mkOverride 900 pkgs.postgresql_15; # above the default of services.postgresql
      initdbArgs = [ "--data-checksums" "--locale=C" ];
      extensions = ps: [ ps.pg_partman ];
    };
    migrations.postgresql.enable = true;
    specialisation.seventeen.configuration.services.postgresql.package = pkgs.postgresql_17;
  };
  testScript = ''
    def sql(text):
        return machine.succeed(f'sudo -u postgres psql -XAtc "{text}"').strip()


    def switch(system):
        return machine.execute(f"/run/booted-system{system}/bin/switch-to-configuration test 2>&1")


    machine.wait_for_unit("postgresql.service")
    machine.succeed("systemctl restart migrate-post@postgresql.service")
    machine.succeed("ls -A /var/lib/postgresql | grep -qx .stateversion.postgresql=15")
    sql("CREATE EXTENSION pg_partman")
    sql("CREATE TABLE letters AS SELECT n, 'letter ' || n AS text FROM generate_series(1, 10000) n")

    with subtest("17"):
        status, output = switch("/specialisation/seventeen")
        assert status == 0, f"{status}: {output}"
        assert sql("SHOW server_version_num").startswith("17")
        assert sql("SHOW data_checksums") == "on"
        assert sql("SELECT count(*), max(text) FROM letters") == "10000|letter 9999"
        assert sql("SELECT count(*) FROM pg_extension WHERE extname = 'pg_partman'") == "1"
        machine.succeed("ls -A /var/lib/postgresql | grep -qx .stateversion.postgresql=17")

    with subtest("back, from the backup"):
        machine.succeed("systemctl restart migrate-post@postgresql.service")
        status, output = switch("")
        assert status != 0 and "newer" in output, f"{status}: {output}"
        backup = machine.succeed("ls /var/lib/migrate/postgresql/backups | tail -n 1").strip()
        machine.succeed("systemctl stop postgresql.service")
        machine.succeed(f"migratectl restore --yes --force postgresql {backup}")
        status, output = switch("")
        assert status == 0, f"{status}: {output}"
        machine.succeed("systemctl start postgresql.service")
        assert sql("SHOW server_version_num").startswith("15")
        assert sql("SELECT count(*) FROM letters") == "10000"
  '';
}
