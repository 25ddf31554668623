# Everything that one service adds to a system.
{ lib, pkgs, ... }: {
  module = {
    migrations.services.app = {
      stateVersion = 2;
      directories = [ "/var/lib/app" ];
      path = [ pkgs.sqlite ];
      migrations = [ { version = 2; up.script = "sqlite3 x"; down.script = pkgs.writeShellScript "down" ""; } ];
    };
  };
  holds = one: with one.config; {
    "the generator is installed" = lib.any (p: p.name == "systemd-migrate") systemd.packages;
    "the static gates are installed" = lib.any (p: p.name == "migrations") systemd.packages;
    "the configuration that protects stamps from systemd-tmpfiles is installed" = lib.any (p: p.name == "systemd-migrate") systemd.tmpfiles.packages;
    "the declaration is the checked one" =
      environment.etc."migrate.d/app.ini".source == "/nix/store/00000000000000000000000000000000-migrations/etc/migrate.d/app.ini";
    "the migration is installed" = environment.etc ? "migrate.d/app/2.ini";
    "a change restarts the service" = lib.length systemd.services.app.restartTriggers == 1;
    "there is no static unit that migrates" =
      !(systemd.services ? "migrate@app") && !(systemd.units ? "migrate@app.service");
    "there is a pre-switch check" = lib.hasInfix "pre-switch.sh" system.preSwitchChecks.migrations;
    "a switch does not restart the unit that prunes" = !systemd.services.migrate-prune.restartIfChanged;
    "a package can be a script" = lib.hasInfix "Script=/nix/store/00000000000000000000000000000000-down\n"
      migrations.rendered.files."app/2.ini";
    "an integer can be a version" = lib.hasInfix "Version=2\n" migrations.rendered.files."app.ini";
    "scripts have their packages in PATH" = lib.hasInfix
      "Environment=\"PATH=/nix/store/00000000000000000000000000000000-sqlite/bin:/nix/store/00000000000000000000000000000000-coreutils/bin:"
      migrations.rendered.files."app.ini";
  };
}
