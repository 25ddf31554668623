# SPDX-License-Identifier: MIT
# Renders one of nixos-module/tests/services.nix for a system whose scripts are in a directory. What
# is the module's own (defer, enable) is for whoever asks: it is no part of a declaration. `more` is a
# file of further systems.
{ name, scripts, more ? null }:
let
  # as services.postgresql would be, with Debian's programs
  postgresql = major: {
    postgresql = import ../../nixos-module/services/postgresql-service.nix {
      inherit major;
      scripts = "/usr/lib/migrate/postgresql";
      directory = "/var/lib/postgresql";
      bindirs = [ "/usr/lib/postgresql/${major}/bin" "/usr/lib/postgresql/13/bin" ];
    };
  };
  systems = import ../../nixos-module/tests/services.nix // {
    postgresql-13 = postgresql "13";
    postgresql-17 = postgresql "17";
  } // (if more == null then { } else import more);
  services = systems.${name};
  rendered = import ../../nixos-module/render.nix
    { scriptPath = script: _: "${scripts}/${script}"; }
    (builtins.mapAttrs (_: service: removeAttrs service [ "defer" "enable" ]) services);
in
{
  inherit (rendered) files scripts;
  deferred = builtins.filter (service: services.${service}.defer or false) (builtins.attrNames services);
  names = builtins.attrNames services;
}
