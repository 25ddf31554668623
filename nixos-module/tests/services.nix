# SPDX-License-Identifier: MIT
# The services of the tests, by system: what `migrations.services` of each is. Builtins only, so that
# the same declarations are driven by the VM tests beside this file and, without nixpkgs, by
# tests/nixos/nixos.test in containers.
let
  # The software says of which version it is, and starts on no data of another; see app.nix.
  app = stateVersion: extra: {
    app = {
      inherit stateVersion;
      directories = [ "/var/lib/app" ];
      unversioned = "1";
    } // extra;
  };

  toTwo = {
    from = 1;
    to = 2;
    description = "letters are words now";
    up = {
      script = ''
        grep -qx 1 "$STATE/version"
        mv "$STATE/letters" "$STATE/words"
        echo "$TO" >"$STATE/version"
      '';
      verify = ''
        grep -qx letters "$STATE/words"
      '';
    };
    down.script = ''
      mv "$STATE/words" "$STATE/letters"
      echo "$TO" >"$STATE/version"
    '';
  };

  withCheck.steps.words = toTwo // { up = toTwo.up // { check = "echo 'words are not installed'; exit 1"; }; };
  withWarn.steps.words = toTwo // { up = toTwo.up // { warn = "Letters cannot be sent any more."; }; };

  release = stateVersion: extra: {
    release = {
      inherit stateVersion;
      directories = [ "/var/lib/release" ];
      detect = "cat \"$STATE/version\"";
    } // extra;
  };

  # RFC 0155's shape: a state below /etc, versions as dates, shell text with its own paths, a backup
  # and its restore as the RFC has them, and what each of its fields is for.
  rfc = stateVersion: extra: {
    my-service = {
      inherit stateVersion;
      directories = [ "/etc/service-state" ];
      unversioned = "2022-11-30";
      downgrade = "script";
      migrations = [
        {
          version = "2023-04-07";
          up = {
            script = ''
              my-service-cli --run-migration /etc/service-state
            '';
            backup = ''
              # backup stateful directory
              cp -r /etc/service-state $BACKUP
            '';
            restore = ''
              # restore stateful directory as the script failed
              cp -r $BACKUP /etc/service-state
            '';
          };
          down.script = ''
            my-service-cli --undo-migration /etc/service-state
          '';
        }
        {
          version = "2023-06-01";
          up.script = ''
            my-service-cli --run-migration /etc/service-state
          '';
          up.warn = ''
            This version deletes settings that nobody used;
            they are not made again on the way back.
          '';
          down.script = ''
            my-service-cli --undo-migration /etc/service-state
          '';
          down.warn = ''
            Settings of the newer version are lost.
          '';
        }
      ];
    } // extra;
  };
in
{
  one = app "1" { };
  two = app "2" { steps.words = toTwo; };
  # The same, with scripts that fail: before the swap, and after the start.
  failing = app "2" { steps.words = toTwo // { up.script = "echo 'no words found'; exit 1"; }; };
  hanging = app "2" { steps.words = toTwo // { up = toTwo.up // { script = "echo waiting; sleep infinity"; }; }; };
  checked = app "2" { inherit (withCheck) steps; };
  # What scripts need they have in rehearsals, too.
  rehearsed = app "2" {
    environment.KIND = "words";
    steps.words = toTwo // {
      up = toTwo.up // {
        check = "[ \"$KIND\" = words ] || { echo \"KIND is '$KIND'\"; exit 1; }";
        script = "mv \"$STATE/letters\" \"$STATE/$KIND\"; echo \"$TO\" >\"$STATE/version\"";
      };
    };
  };
  credentials = app "2" { serviceConfig.SetCredential = "key:secret"; steps.words = toTwo; };
  outside = app "2" { steps.words = toTwo // { up = toTwo.up // { external = true; warn = "It is outside."; }; }; approved = [ "1:2" ]; };
  warned = app "2" { inherit (withWarn) steps; };
  approved = app "2" { inherit (withWarn) steps; approved = [ "1:2" ]; };
  # The ways back.
  down = app "1" { downgrade = "script"; };
  restore = app "1" { downgrade = "restore"; };
  # Nothing leads from 1 to 4.
  gap = app "4" { steps.words = toTwo // { from = 3; to = 4; }; };
  # Nothing says which version a state without a stamp has.
  unknown = app "1" { unversioned = null; };
  deferred = app "2" { steps.words = toTwo; defer = true; };
  deferred-checked = app "2" { inherit (withCheck) steps; defer = true; };
  deferred-warned = app "2" { inherit (withWarn) steps; defer = true; };

  # The other kinds: one command at every upgrade, then software that migrates itself, a major at a time.
  release-one = release "1.0" { };
  release-two = release "2.1" { everyUp.script = "echo \"$TO\" >\"$STATE/version\""; };
  release-three = release "3.0" { selfMigrating = true; maxSkip = "major"; };
  release-five = release "5.0" { selfMigrating = true; maxSkip = "major"; };

  rfc-old = rfc "2022-11-30" { };
  rfc-new = rfc "2023-04-07" { };
  rfc-newer = rfc "2023-06-01" { };
  rfc-approved = rfc "2023-06-01" { approved = [ "2023-04-07:2023-06-01" ]; };
  rfc-back = rfc "2023-04-07" { approved = [ "2023-06-01:2023-04-07" ]; };
}
