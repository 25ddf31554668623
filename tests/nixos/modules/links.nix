# NixOS drops the links in *.wants of packages, so the module says again what each is wanted by.
{ lib, ... }:
let
  # [ null "timers" ".target" …: the link of the package to migrate-prune.timer in timers.target.wants
  links = lib.filter lib.isList
    (builtins.split "\\['([a-z-]+\\.target)', '([a-z-]+)\\.(timer|service)']" (builtins.readFile ../../../units/meson.build));
in
{
  module.migrations.services.app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  holds = one: {
    "the package has at least four links" = lib.length links >= 4;
  } // lib.listToAttrs (map
    (link:
      let
        wants = lib.elemAt link 0;
        name = lib.elemAt link 1;
        kind = lib.elemAt link 2;
      in
      lib.nameValuePair "${wants} wants ${name}.${kind}"
        (lib.elem wants (one.config.systemd."${kind}s".${name}.wantedBy or [ ])))
    links);
}
