# SPDX-License-Identifier: MIT
# A machine with software of version 1 on a state of version 1, and a specialisation for each other
# system of services.nix that a test names.
{ systems ? [ ] }:
let
  services = import ./services.nix;
  # The software that each has.
  versionOf = system: services.${system}.app.stateVersion;

  app = version: { pkgs, ... }: {
    systemd.services.app = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        StateDirectory = "app";
        ExecStart = pkgs.writeShellScript "app-${version}" ''
          set -eu
          cd /var/lib/app
          # one that has no state makes its own
          [ -e version ] || { echo ${version} >version; echo letters >letters; }
          ${pkgs.gnugrep}/bin/grep -qx ${version} version
          echo started ${version} >>/var/log/app
        '';
      };
    };
  };
in
{ lib, ... }: {
  # outside of nixpkgs
  imports = [ ../. (app "1") ];
  # inside of nixpkgs
  #| imports = [ (app "1") ];
  # end
  system.switch.enable = true; # tests leave it out by default
  migrations.services = lib.mkDefault services.one;
  specialisation = builtins.listToAttrs (map
    (system: {
      name = system;
      value.configuration = { lib, pkgs, ... }@arguments: {
        migrations.services = lib.mkForce services.${system};
        systemd.services.app.serviceConfig.ExecStart =
          lib.mkForce (app (versionOf system) arguments).systemd.services.app.serviceConfig.ExecStart;
      };
    })
    systems);
}
