# SPDX-License-Identifier: MIT
# Makes the VM test of a module that declares the version of its state, from two configurations:
#
#   service  its name in `migrations.services`
#   old      the machine, a module, with older software
#   new      what differs with newer software, a module on top of that
#   write    a shell command that writes something through the running service; $1 is the number of the writing
#   read     a shell command that fails unless the running service still has the writing with the number $1
#   failing  whether a migration is made to fail; software that migrates itself has none that could
#   fresh, upgraded   Python that is run after the first start, and after the upgrade
#
# The result is a test for `runNixOSTest`: a first start, a migration that fails, the upgrade, and the way back as the
# older system declares it.
{ service, old, new, write, read, failing ? true, fresh ? "", upgraded ? "" }:
{
  name = "migrations-${service}";
  nodes.machine = {
    # outside of nixpkgs
    imports = [ ../. old ];
    # inside of nixpkgs
    #| imports = [ old ];
    # end
    system.switch.enable = true; # tests leave it out by default
    specialisation = {
      new.configuration = new;
    } // (if !failing then { } else {
      failing.configuration = { lib, ... }: {
        imports = [ new ];
        # what is run after all steps of a plan
        migrations.services.${service}.everyUp = lib.mkForce {
          script = "echo 'this test lets it fail'; exit 1";
        };
      };
    });
  };
  testScript = ''
    service = ${builtins.toJSON service}
    write_command = ${builtins.toJSON write}
    read_command = ${builtins.toJSON read}
  '' + builtins.readFile ./lib.py + builtins.readFile ./migration-test.py + ''


    first_start()
    ${fresh}
    ${if failing then ''
      failing_migration(*switch("failing"))
    '' else ""}
    upgrade(*switch("new"))
    ${upgraded}
    way_back()
  '';
}
