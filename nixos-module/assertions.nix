# SPDX-License-Identifier: MIT
# What types cannot say of services, each with the name of the option to change. The same and more is
# found by `migratectl check` when the system is built; here it is found before anything is built.
{ lib, services }:
let
  inherit (lib) concatMap concatLists filter mapAttrsToList optional;

  hooksOf = name: service:
    lib.optional (service.everyUp != null)
      { where = "migrations.services.${name}.everyUp"; hooks = service.everyUp; up = true; }
    ++ concatLists (mapAttrsToList
      (id: step: ends "migrations.services.${name}.steps.${id}" step) service.steps)
    ++ concatLists (lib.imap0
      (n: step: ends "migrations.services.${name}.migrations.[${toString n}]" step) service.migrations);
  ends = where: step:
    optional (step.up != null) { where = "${where}.up"; hooks = step.up; up = true; }
    ++ optional (step.down != null) { where = "${where}.down"; hooks = step.down; up = false; };

  given = value: value != null && value != [ ] && value != "";

  uncovered = service: hooks:
    if hooks.external then "external = true"
    else if service.directories == [ ] then "there are no directories"
    else if service.protect == "hooks" then "protect = \"hooks\""
    else null;

  ofHooks = service: { where, hooks, up }: [
    {
      assertion = given hooks.script || (!up && given hooks.warn);
      message = "${where}.script is not set${
        lib.optionalString (!up) ", and ${where}.warn does not say why there is no way back"}.";
    }
    {
      assertion = given hooks.script || !(given hooks.backup || given hooks.restore);
      message = "${where}: backup and restore without script have nothing to protect.";
    }
    {
      assertion = !given hooks.script || uncovered service hooks == null
        || (given hooks.backup && given hooks.restore) || given hooks.warn;
      message = "${where} is not covered by a clone (${toString (uncovered service hooks)}): it needs backup and restore, or a warn that says what cannot be undone.";
    }
  ];

  stamped = service: service.stateVersion != null;

  ofService = name: service:
    let where = "migrations.services.${name}"; in
    [
      {
        assertion = builtins.match "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}" name != null
          && builtins.match ".*\\.ini(\\.d)?" name == null;
        message = "${where}: a name is of letters, digits, '_', '-' and '.', begins with a letter, a digit or '_', does not end in .ini, and has at most 64 characters.";
      }
      {
        assertion = !stamped service || service.directories != [ ] || service.user != null;
        message = "${where}.user is not set: without directories nobody owns the state, so it must be said whom scripts run as.";
      }
      {
        assertion = service.accepts == [ ] || lib.length service.directories < 2 || service.stamp == "store";
        message = "${where}.accepts: with several directories, ${where}.stamp must be \"store\", since a mixture of accepted versions would pass.";
      }
      {
        assertion = !service.selfMigrating || lib.length service.directories < 2 || service.stamp == "store";
        message = "${where}.selfMigrating: with several directories, ${where}.stamp must be \"store\".";
      }
      {
        assertion = !service.selfMigrating || (service.protect != "hooks" && service.directories != [ ]);
        message = "${where}.selfMigrating: the state needs directories and a clone, not ${where}.protect = \"hooks\".";
      }
      {
        assertion = service.migrationsOf == null || services ? ${service.migrationsOf};
        message = "${where}.migrationsOf = \"${toString service.migrationsOf}\": there is no such service in migrations.services.";
      }
      {
        assertion = lib.all (host: services ? ${host} && host != name) service.within;
        message = "${where}.within = ${builtins.toJSON service.within}: each must be another service in migrations.services.";
      }
      {
        assertion = !(service.detect != null && service.unversioned != null);
        message = "${where}.unversioned is never used: ${where}.detect says the version.";
      }
    ]
    ++ concatMap (ofHooks service) (hooksOf name service);

  # Each unit and each directory belongs to one of those that are in use.
  claims = option: values: concatLists (mapAttrsToList
    (name: service: map (value: { inherit name value; }) (lib.unique (values name service)))
    (lib.filterAttrs (_: stamped) services));
  once = option: values:
    let all = claims option values; in
    map
      (claim:
        let others = filter (other: other.value == claim.value && other.name < claim.name) all; in
        {
          assertion = others == [ ];
          message = "migrations.services.${claim.name}.${option}: ${claim.value} belongs to migrations.services.${(lib.head (others ++ [ claim ])).name}.${option} already.";
        })
      all;
in
concatLists (mapAttrsToList ofService services)
++ once "directories" (_: service: map (lib.removeSuffix "/") service.directories)
++ once "units" (name: service: if service.units == [ ] then [ "${name}.service" ] else service.units)
