# SPDX-License-Identifier: MIT
# Evaluates the NixOS module with nixpkgs' own lib: with all modules of NixOS, where nixpkgs is given
# as well; else with stubs (nixos.nix). Packages are nothing but names.
#
# case is a file of modules/; or vm the name of one of nixos-module/tests, whose machine and whose
# specialisations are evaluated each by itself;
# with inTree, that of nixpkgs; its module is not this repository's then.
{ nixpkgsLib, nixpkgs ? null, names ? [ ], case ? null, vm ? null, inTree ? false }:
let
  lib = import nixpkgsLib;
  pkgs = import ./packages.nix { inherit lib names; };
  evaluateAll = import ./nixos.nix { inherit lib pkgs nixpkgs inTree; };
  evaluateOld = import ./nixos.nix { inherit lib pkgs nixpkgs; preSwitchChecks = false; };
  evaluate = module: evaluateAll [ module ];
  arguments = { inherit lib pkgs evaluate; };

  # The messages of the module and its cases only.
  ours = definition: lib.any (place: lib.hasPrefix place (toString definition.file))
    [
      (toString ../../nixos-module)
      (toString ./modules)
      "${toString nixpkgs}/nixos/modules/services/system/migrations"
    ];
  said = option: lib.concatMap (definition: definition.value) (lib.filter ours option.definitionsWithLocations);

  # The outcome of evaluating a system.
  described = one: {
    # the messages of the assertions that do not hold
    assertions = map (entry: entry.message) (lib.filter (entry: !entry.assertion) (said one.options.assertions));
    # NixOS's own warnings look into packages, which are mere names here
    warnings = if nixpkgs == null then said one.options.warnings else null;
    inherit (one.config.migrations.rendered) files;
    etc = lib.filter (lib.hasPrefix "migrate.d/") (lib.attrNames one.config.environment.etc);
  };

  wanted = import case arguments;
  # errors name the file of the case
  one = (if wanted.preSwitchChecks or true then evaluateAll else evaluateOld)
    [ (lib.setDefaultModuleLocation case wanted.module) ];

  # Options that this release of NixOS lacks; the stubs have those of the newest release.
  missingOf = lib.filter
    (path: nixpkgs != null && !lib.hasAttrByPath (lib.splitString "." path) (evaluateAll [ ]).options);
  missing = missingOf (wanted.needs or [ ])
    # newer releases have modules that add checks
    ++ lib.optional (nixpkgs != null && !(wanted.preSwitchChecks or true) && lib.versionAtLeast lib.trivial.release "26.05")
      "services without pre-switch checks";

  tests =
    if inTree then import (nixpkgs + "/nixos/tests/migrations") { runTest = import; }
    else import ../../nixos-module/tests { inherit pkgs; };
  machine = tests.${vm}.nodes.machine;
  # each is evaluated on its own, on top of its machine
  specialisations = lib.foldl' (sum: definition: sum // definition.value) { }
    (evaluate machine).options.specialisation.definitionsWithLocations;
in
if vm != null
then if missingOf (lib.optional (vm == "postgresql") "services.postgresql.extensions") != [ ]
then { skipped = [ "services.postgresql.extensions" ]; }
else {
  skipped = [ ];
  inherit (tests.${vm}) name testScript;
  nodes = lib.attrNames tests.${vm}.nodes;
  systems = { "" = described (evaluate machine); }
    // lib.mapAttrs (_: special: described (evaluateAll [ machine special.configuration ])) specialisations;
}
else if missing != [ ] then { skipped = missing; said = map (assertion: "no ${assertion}") missing; }
else described one // {
  said = (described one).assertions;
  skipped = [ ];
  holds = lib.attrNames ((wanted.holds or (_: { })) one);
  failed = lib.attrNames (lib.filterAttrs (_: holds: !holds) ((wanted.holds or (_: { })) one));
  options = map
    (option: { inherit (option) name; described = option ? description && option.description != null; hasDefault = option ? default; type = option.type or null; text = option.description or ""; })
    (lib.filter (option: option.visible && !option.internal && lib.hasPrefix "migrations." option.name)
      (if wanted.documentation or false then lib.optionAttrSetToDocList { inherit (one.options) migrations; } else [ ]));
  # as the generator of the manual sees them
  manual = lib.optionals (nixpkgs != null && wanted.documentation or false) (lib.attrValues
    (import (nixpkgs + "/nixos/lib/make-options-doc") {
      inherit lib pkgs;
      options = { inherit (one.options) migrations; };
    }).optionsNix);
  # the names of the VM tests
  tests = lib.attrNames (removeAttrs tests [ "override" ]);
}
