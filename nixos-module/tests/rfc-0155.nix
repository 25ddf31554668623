# SPDX-License-Identifier: MIT
# RFC 0155's example, in the shape in which the RFC has it, with a tool that does what its scripts call.
let
  services = import ./services.nix;
in
{
  name = "migrations-rfc-0155";
  nodes.machine = { lib, pkgs, ... }:
    let
      my-service-cli = pkgs.writeShellScriptBin "my-service-cli" ''
        set -eu
        versions=(2022-11-30 2023-04-07 2023-06-01)
        at=$(cat "$2/version")
        for n in 0 1 2; do [[ ''${versions[n]} != "$at" ]] || break; done
        case $1 in
        --run-migration) echo "''${versions[n + 1]}" >"$2/version" ;;
        --undo-migration) echo "''${versions[n - 1]}" >"$2/version" ;;
        esac
      '';
      systemOf = name: {
        migrations.services = lib.mkForce (builtins.mapAttrs
          (_: service: service // { path = [ my-service-cli ]; })
          services.${name});
        systemd.services.my-service.serviceConfig.ExecStart = lib.mkForce (pkgs.writeShellScript "my-service" ''
          ${pkgs.gnugrep}/bin/grep -qx ${services.${name}.my-service.stateVersion} /etc/service-state/version
        '');
      };
    in
    {
      # outside of nixpkgs
      imports = [ ../. (systemOf "rfc-old") ];
      # inside of nixpkgs
      #| imports = [ (systemOf "rfc-old") ];
      # end
      system.switch.enable = true;
      systemd.services.my-service = {
        wantedBy = [ "multi-user.target" ];
        serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
      };
      systemd.tmpfiles.rules = [ "d /etc/service-state 0755 root root -" "f /etc/service-state/version 0644 root root - 2022-11-30" ];
      specialisation = builtins.listToAttrs (map
        (name: { inherit name; value.configuration = { lib, ... }: {
          migrations.services = lib.mkOverride 40 (systemOf name).migrations.services.content;
          systemd.services.my-service.serviceConfig.ExecStart =
            lib.mkOverride 40 (systemOf name).systemd.services.my-service.serviceConfig.ExecStart.content;
        }; })
        [ "rfc-new" "rfc-approved" "rfc-back" ]);
    };
  testScript = ''
    def switch(system=""):
        path = f"/specialisation/{system}" if system else ""
        status, output = machine.execute(f"/run/booted-system{path}/bin/switch-to-configuration test 2>&1")
        assert status == 0, f"{status}: {output}"
        machine.succeed("systemctl restart migrate-post@my-service.service")
        return machine.succeed("cat /etc/service-state/version").strip()


    machine.wait_for_unit("my-service.service")
    assert switch("rfc-new") == "2023-04-07"
    assert switch("rfc-approved") == "2023-06-01"
    machine.succeed("echo used >/etc/service-state/settings")
    assert switch("rfc-back") == "2023-04-07"
    assert switch() == "2022-11-30"
    machine.succeed("systemctl is-active my-service")
  '';
}
