# SPDX-License-Identifier: MIT
# From services, as an attribute set, to the text of declarations, as migrate.d(5) has them.
#
# Builtins only: whoever has a Nix evaluator can render, without nixpkgs. Types and defaults are
# options.nix's business; here null and [] mean that there is no such line, and what cannot be
# written in a declaration is refused by the name of its option.
#
#   import ./render.nix { scriptPath = name: { text, path }: …; } services
#
# scriptPath makes an executable file of shell text and says where that is. The result:
#
#   files    names below migrate.d, and their text
#   scripts  the names of what was given to scriptPath, and what that got: { text, path }
{ scriptPath }:
services:
let
  inherit (builtins)
    attrNames concatLists concatStringsSep filter genList isAttrs isBool isList isPath isString length
    listToAttrs map match removeAttrs replaceStrings split stringLength toString;

  # --- values -------------------------------------------------------------------------------

  isDerivation = value: isAttrs value && (value.type or null == "derivation" || value ? outPath);

  # A scalar on one line. Names `option` where migrate.d could not hold it.
  scalar = option: value:
    let
      text =
        if isBool value then (if value then "yes" else "no")
        else if isDerivation value || isPath value then "${value}"
        else if isAttrs value || isList value then throw "${option}: one value, not a list or a set"
        else toString value;
      plain = builtins.unsafeDiscardStringContext text;
    in
    if plain == "" then throw "${option} is empty: leave it out, or set it to null"
    else if match "[^\n\r\t]*" plain == null then throw "${option} is more than one line: ${plain}"
    else if match "(;.*|.*[ ];.*)" plain != null
    then throw "${option}: a ';' behind a blank would begin a comment: ${plain}"
    else text;

  # Prose: lines are joined, since a declaration has one line for it.
  prose = option: value:
    scalar option (concatStringsSep " "
      (filter (word: isString word && word != "") (split "[ \n\r\t]+(;+[ \n\r\t]*)?" value)));

  # A word of a command, as command_parse() reads it.
  quote = word:
    let
      text = toString word;
      escaped = replaceStrings [ "%" "\\" "\"" "\n" "\t" ] [ "%%" "\\\\" "\\\"" "\\n" "\\t" ] text;
      plain = builtins.unsafeDiscardStringContext text;
    in
    if match "[^] \t\n\"'\\;[]+" plain != null then escaped else "\"${escaped}\"";

  executable = value:
    if value ? meta && value.meta ? mainProgram then "${value}/bin/${value.meta.mainProgram}" else "${value}";

  # Shell text, a package, a path, or a list of words.
  isText = value: isString value;
  command = option: scriptName: script: value:
    if isText value then
      (if match "[ \n\t]*" value != null then throw "${option} is empty: leave it out, or set it to null"
       else scriptPath scriptName script)
    else if isList value then
      (if match "/.*" (builtins.unsafeDiscardStringContext (toString (builtins.head value))) == null
       then throw "${option}: the first word is the absolute path of a program"
       else concatStringsSep " " (map quote value))
    else if isDerivation value then quote (executable value)
    else if isPath value then quote "${value}"
    else throw "${option}: shell text, a package, a path or a list of words is wanted";

  # --- lines --------------------------------------------------------------------------------

  line = key: value: "${key}=${value}\n";
  given = set: name: set ? ${name} && set.${name} != null && set.${name} != [ ];
  list = value: if isList value then value else [ value ];

  # One entry a key: the option, and what its values are.
  stateKeys = [
    { option = "stateVersion"; key = "Version"; }
    { option = "directories"; key = "Directory"; }
    { option = "within"; key = "Within"; }
    { option = "exclude"; key = "Exclude"; }
    { option = "units"; key = "Unit"; }
    { option = "oldUnits"; key = "OldUnit"; }
    { option = "user"; key = "User"; }
    { option = "group"; key = "Group"; }
    { option = "accepts"; key = "Accepts"; }
    { option = "readableBy"; key = "ReadableBy"; }
    { option = "policy"; key = "Policy"; default = "automatic"; }
    { option = "copyLimit"; key = "CopyLimit"; }
    { option = "downgrade"; key = "Downgrade"; default = "refuse"; }
    { option = "fresh"; key = "FreshCheck"; hook = true; }
    { option = "init"; key = "Init"; hook = true; }
    { option = "detect"; key = "Detect"; hook = true; }
    { option = "unversioned"; key = "Unversioned"; }
    { option = "selfMigrating"; key = "SelfMigrating"; default = false; }
    { option = "maxSkip"; key = "MaxSkip"; }
    { option = "gaps"; key = "Gaps"; default = "refuse"; }
    { option = "protect"; key = "Protect"; default = "clone"; }
    { option = "stamp"; key = "Stamp"; default = "directory"; }
    { option = "readWritePaths"; key = "ReadWritePaths"; }
    { option = "software"; key = "Software"; }
    { option = "migrationsOf"; key = "Migrations"; }
    { option = "formerNames"; key = "FormerName"; }
    { option = "formerDirectories"; key = "FormerDirectory"; }
    { option = "approved"; key = "Approved"; }
    { option = "keep"; key = "Keep"; }
    { option = "keepFor"; key = "KeepFor"; }
  ];

  hookKeys = [
    { option = "check"; key = "Check"; hook = true; }
    { option = "backup"; key = "Backup"; hook = true; }
    { option = "script"; key = "Script"; hook = true; }
    { option = "verify"; key = "Verify"; hook = true; }
    { option = "restore"; key = "Restore"; hook = true; }
    { option = "post"; key = "Post"; hook = true; }
    { option = "warn"; key = "Warn"; prose = true; }
    { option = "timeout"; key = "TimeoutSec"; }
    { option = "external"; key = "External"; default = false; }
  ];

  # "app-2023-04-07-up-script"; the store takes no '~' and no '^' in names.
  scriptName = place: option:
    "migrate-" + replaceStrings [ "~" "^" ] [ "_" "_" ] (concatStringsSep "-" (place ++ [ option ]));

  unknown = where: known: set:
    let strangers = filter (name: !(builtins.elem name known)) (attrNames set);
    in if strangers == [ ] then "" else throw "${where}: there is no option ${builtins.head strangers}";

  # The lines of one section, and the scripts that they name.
  section = { title, keys, where, place, path, set }:
    let
      present = filter
        (entry: given set entry.option && !(entry ? default && set.${entry.option} == entry.default))
        keys;
      option = entry: "${where}.${entry.option}";
      lines = entry: map
        (value: line entry.key (
          if entry.hook or false
          then command (option entry) (scriptName place entry.option) { text = value; inherit path; } value
          else if entry.prose or false then prose (option entry) value
          else scalar (option entry) value))
        (if entry.hook or false then [ set.${entry.option} ] else list set.${entry.option});
      texts = filter (entry: entry.hook or false && isText set.${entry.option}) present;
    in
    {
      text = if present == [ ] then "" else "[${title}]\n${concatStringsSep "" (concatLists (map lines present))}\n";
      scripts = map
        (entry: { name = scriptName place entry.option; value = { text = set.${entry.option}; inherit path; }; })
        texts;
    };

  # [MigrateUnit], [MigrateService]: what is given, as it is given.
  rawSection = title: where: set:
    let
      keys = filter (key: set.${key} != null && set.${key} != [ ]) (attrNames set);
      lines = key: map (value: line key (scalar "${where}.${key}" value)) (list set.${key});
    in
    if keys == [ ] then "" else "[${title}]\n${concatStringsSep "" (concatLists (map lines keys))}\n";

  # Environment="A=b c": one word of systemd's.
  environmentLines = where: set: map
    (name:
      let text = "${name}=${scalar "${where}.${name}" set.${name}}";
      in "\"${replaceStrings [ "%" "\\" "\"" ] [ "%%" "\\\\" "\\\"" ] text}\"")
    (filter (name: set.${name} != null) (attrNames set));

  # --- a service ----------------------------------------------------------------------------

  hooksSection = title: option: where: place: path: step:
    if given step option
    then
      builtins.seq (unknown "${where}.${option}" (map (entry: entry.option) hookKeys) step.${option})
        (section {
          inherit title path;
          keys = hookKeys;
          where = "${where}.${option}";
          place = place ++ [ option ];
          set = step.${option};
        })
    else { text = ""; scripts = [ ]; };

  # One migration, in a file of its own.
  migration = name: path: id: where: step:
    let
      up = hooksSection "Up" "up" where [ name id ] path step;
      down = hooksSection "Down" "down" where [ name id ] path step;
      from = concatStringsSep "" (map (value: line "From" (scalar "${where}.from" value)) (list (step.from or [ ])));
      description =
        if given step "description" then line "Description" (prose "${where}.description" step.description) else "";
    in
    builtins.seq (unknown where [ "from" "to" "description" "up" "down" ] step) {
      inherit id;
      text = "[Migration]\n${if step.from or null == null then "" else from}${
        line "To" (scalar "${where}.to" (step.to or (throw "${where}.to is not set")))}${description}\n${up.text}${down.text}";
      scripts = up.scripts ++ down.scripts;
    };

  # RFC 0155's list: versions alone; each starts where the preceding one ended.
  listed = name: path: where: steps: genList
    (n:
      let
        step = builtins.elemAt steps n;
        here = "${where}.[${toString n}]";
        version = scalar "${here}.version" (step.version or (throw "${here}.version is not set"));
      in
      builtins.seq (unknown here [ "version" "description" "up" "down" ] step)
        (migration name path version here (removeAttrs step [ "version" ] // { to = version; })))
    (length steps);

  service = name: set:
    let
      where = "migrations.services.${name}";
      path = set.path or [ ];
      state = section {
        title = "State";
        keys = stateKeys;
        inherit where path set;
        place = [ name ];
      };
      everyUp = hooksSection "EveryUp" "everyUp" where [ name ] path set;
      steps = map
        (id: migration name path id "${where}.steps.${id}" set.steps.${id})
        (attrNames (set.steps or { }))
      ++ listed name path "${where}.migrations" (if given set "migrations" then set.migrations else [ ]);
      serviceConfig = set.serviceConfig or { };
      environment = environmentLines "${where}.environment" (set.environment or { });
      handedThrough = rawSection "MigrateUnit" "${where}.unitConfig" (set.unitConfig or { })
        + rawSection "MigrateService" "${where}.serviceConfig" (serviceConfig
          // (if environment == [ ] then { }
              else { Environment = list (serviceConfig.Environment or [ ]) ++ environment; }));
      ids = map (step: step.id) steps;
      hidden = filter (id: match "[^./][^/]*" (builtins.unsafeDiscardStringContext id) == null) ids;
      twice = filter (id: length (filter (other: other == id) ids) > 1) ids;
      known = [ "steps" "migrations" "everyUp" "unitConfig" "serviceConfig" "environment" "path" ]
        ++ map (entry: entry.option) stateKeys;
    in
    builtins.seq (unknown where known set) (
      if match "[A-Za-z0-9_][A-Za-z0-9_.-]*" name == null || match ".*\\.ini(\\.d)?" name != null || stringLength name > 64
      then throw "${where}: a name is of letters, digits, '_', '-' and '.', begins with a letter, a digit or '_', does not end in .ini, and has at most 64 characters."
      else if hidden != [ ]
      then throw "${where}: no migration can be called '${builtins.head hidden}'"
      else if twice != [ ]
      then throw "${where}: two migrations are called ${builtins.head twice}: one version stands once in migrations, and steps of that name would be others"
      else {
        files = [{
          name = "${name}.ini";
          # Without any setting it would be empty, which masks.
          value = "; ${where}\n" + state.text + everyUp.text + handedThrough;
        }] ++ map (step: { name = "${name}/${step.id}.ini"; value = "; ${where}\n" + step.text; }) steps;
        scripts = state.scripts ++ everyUp.scripts ++ concatLists (map (step: step.scripts) steps);
      });

  rendered = map (name: service name services.${name}) (attrNames services);
in
{
  files = listToAttrs (concatLists (map (one: one.files) rendered));
  scripts = listToAttrs (concatLists (map (one: one.scripts) rendered));
  inherit stateKeys hookKeys;
}
