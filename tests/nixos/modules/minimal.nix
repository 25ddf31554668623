# One service, and all that becomes of it.
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
    "so are the static gates" = lib.any (p: p.name == "migrations") systemd.packages;
    "stamps are not aged" = lib.any (p: p.name == "systemd-migrate") systemd.tmpfiles.packages;
    "the declaration is the checked one" =
      environment.etc."migrate.d/app.ini".source == "/nix/store/00000000000000000000000000000000-migrations/etc/migrate.d/app.ini";
    "so is the migration" = environment.etc ? "migrate.d/app/2.ini";
    "the service is restarted with it" = lib.length systemd.services.app.restartTriggers == 1;
    "nothing of ours is a static migration" =
      !(systemd.services ? "migrate@app") && !(systemd.units ? "migrate@app.service");
    "a switch looks first" = lib.hasInfix "pre-switch.sh" system.preSwitchChecks.migrations;
    "pruning is no part of a switch" = !systemd.services.migrate-prune.restartIfChanged;
    "a package is a command" = lib.hasInfix "Script=/nix/store/00000000000000000000000000000000-down\n"
      migrations.rendered.files."app/2.ini";
    "an integer is a version" = lib.hasInfix "Version=2\n" migrations.rendered.files."app.ini";
    "scripts find their packages" = lib.hasInfix
      "Environment=\"PATH=/nix/store/00000000000000000000000000000000-sqlite/bin:/nix/store/00000000000000000000000000000000-coreutils/bin:"
      migrations.rendered.files."app.ini";
  };
}
