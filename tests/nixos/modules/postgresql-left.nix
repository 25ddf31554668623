# A major version or an extension that has left nixpkgs throws, one that is marked broken throws when it is used.
{ lib, pkgs, ... }: {
  needs = [ "services.postgresql.extensions" ];
  module = {
    _module.args.pkgs = lib.mkOverride 40 (pkgs // {
      postgresql_14 = pkgs.postgresql_14 // { pkgs = pkgs.postgresql_14.pkgs // {
        postgis = pkgs.fake "postgis-14" // { outPath = throw "postgis-14 is marked as broken"; };
      }; };
      postgresql_15 = throw "postgresql_15 was removed";
      postgresql_16 = pkgs.postgresql_16 // {
        pkgs = lib.mapAttrs (name: _: throw "${name} was removed") pkgs.postgresql_16.pkgs;
      };
    });
    system.stateVersion = "22.05";
    services.postgresql = { enable = true; package = pkgs.postgresql_17; extensions = ps: [ ps.postgis ps.pg_partman ]; };
    migrations.postgresql.enable = true;
  };
  holds = one: {
    "the major version that has left is left out, and the others have the extensions that are not broken" =
      map baseNameOf (map dirOf (lib.splitString ":" one.config.migrations.services.postgresql.environment.POSTGRESQL_BINDIRS))
      == map (name: "00000000000000000000000000000000-postgresql-${name}") [ "and-plugins-17" "and-plugins-14" "16" ];
  };
}
