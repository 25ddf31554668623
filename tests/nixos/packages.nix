# SPDX-License-Identifier: MIT
# Packages that are nothing but names, for evaluating what will never be built: what is asked of them
# is their path, their version, and that their functions can be called. names are further ones, which
# NixOS's modules mention.
{ lib, names ? [ ] }:
let
  path = "/nix/store/00000000000000000000000000000000-";
  fake = name: {
    type = "derivation";
    inherit name;
    pname = name;
    version = "1.0";
    outPath = "${path}${name}";
    drvPath = "${path}${name}.drv";
    outputs = [ "out" ];
    outputName = "out";
    meta = { mainProgram = name; maintainers = [ ]; };
    passthru = { };
    # what makes packages makes one of its own name
    __functor = _: _: fake name;
  } // lib.genAttrs [ "out" "lib" "bin" "dev" "man" "doc" "su" "info" "data" ] (_: fake name)
  // lib.genAttrs [ "override" "overrideAttrs" "withPackages" "extend" "buildEnv" ] (_: _: fake name);

  postgresql = major: fake "postgresql-${major}" // rec {
    psqlSchema = major;
    version = "${major}.1";
    pkgs = lib.genAttrs [ "postgis" "pg_partman" ] (extension: fake "${extension}-${major}");
    installedExtensions = [ ];
    withPackages = extensions: fake "postgresql-and-plugins-${major}" // {
      inherit psqlSchema version installedExtensions;
      used = extensions pkgs;
    };
    withJIT = postgresql major;
    withoutJIT = postgresql major;
  };

  texts = lib.genAttrs [ "writeShellScript" "writeShellScriptBin" "writeText" "writeScriptBin" ]
    (_: name: text: fake name // { inherit text; meta = { }; });

  paperless = fake "paperless-ngx" // {
    version = "2.11.6";
    override = _: paperless;
    tesseract5 = fake "tesseract";
    nltkData = [ ];
    nltkDataDir = "${path}nltk";
    propagatedBuildInputs = [ ];
    passthru.dependencies = [ ];
    python.pkgs = { gunicorn = fake "gunicorn"; granian = fake "granian"; makePythonPath = _: "/"; };
  };

  format = { type = lib.types.attrsOf lib.types.anything; generate = name: _: fake name; lib.types = lib.types; };
  linuxPackages = fake "linux-packages" // {
    kernel = fake "linux" // { buildDTBs = false; };
    extend = _: linuxPackages;
  };
  platform = lib.systems.elaborate "x86_64-linux";

  pkgs = lib.genAttrs ([
    "coreutils" "findutils" "gnugrep" "gnused" "gawk" "jq" "util-linux" "systemd-migrate" "sqlite" "php" "glibcLocales"
    "bash" "systemd"
  ] ++ lib.subtractLists ([ "nextcloud" "lib" "pkgs" ] ++ lib.attrNames (lib // builtins)) names) fake // texts // {
    inherit lib pkgs;
    runtimeShell = "${path}bash/bin/bash";
    systemd = fake "systemd" // lib.genAttrs
      (map (part: "with${part}") [
        "Bootloader" "Cryptsetup" "Efi" "Fido2" "Homed" "Hostnamed" "Importd" "Localed" "Logind" "Machined" "Nspawn"
        "Portabled" "Repart" "Sysupdate" "Timedated" "Tpm2Units" "Utmp"
      ])
      (_: false);
    writeTextDir = name: text: fake (baseNameOf name) // { inherit text; };
    linkFarm = name: entries: fake name // { inherit entries; };
    runCommand = name: _: text: fake name // { inherit text; };
    postgresql_13 = postgresql "13";
    postgresql_14 = postgresql "14";
    postgresql_15 = postgresql "15";
    postgresql_16 = postgresql "16";
    postgresql_17 = postgresql "17";
    postgresql_18 = postgresql "18";
    paperless-ngx = paperless;
    mariadb_118 = fake "mariadb-server" // { version = "11.8.3"; };
    mysql84 = fake "mysql" // { version = "8.4.6"; };
    nextcloud30 = fake "nextcloud" // { version = "30.0.4"; };
    testers.runNixOSTest = test: import (lib.head test.imports);
    stdenv = { hostPlatform = platform; buildPlatform = platform; };
  } // lib.optionalAttrs (names != [ ]) {
    stdenv = { hostPlatform = platform; buildPlatform = platform; isLinux = true; cc = fake "gcc" // { libc = fake "glibc"; cc = fake "gcc"; }; inherit (platform) system; };
    hostPlatform = platform;
    inherit linuxPackages;
    path = "/nixpkgs";
    util-linux = fake "util-linux" // { lastlog = fake "lastlog"; };
    inherit (platform) system;
    formats = lib.genAttrs [
      "configobj" "elixirConf" "gitIni" "hocon" "ini" "iniWithGlobalSection" "javaProperties" "json" "keyValue"
      "libconfig" "lua" "php" "pythonVars" "toml" "xml" "yaml" "yaml_1_2"
    ] (_: _: format) // { systemd = format; };
  };
in
pkgs // { inherit fake; }
