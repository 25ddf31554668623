# SPDX-License-Identifier: MIT
# The programs, the generator, the units and the ready-made migrations, as a package of nixpkgs.
{
  lib,
  stdenv,
  meson,
  ninja,
  pkg-config,
  systemd,
  inih,
  json_c,
  libseccomp,
  # inside of nixpkgs
  #| fetchFromGitHub,
  #| nix-update-script,
  #| nixosTests,
  # end
}:

# outside of nixpkgs
stdenv.mkDerivation {
# inside of nixpkgs
#| stdenv.mkDerivation (finalAttrs: {
# end
  pname = "systemd-migrate";
  version = "0.1";

  # outside of nixpkgs
  # what a build reads: another document or test is no other package
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../catalog
      ../completions
      ../ctl
      ../docs
      ../generator
      ../helper
      ../lib
      ../man
      ../meson.build
      ../meson_options.txt
      ../migrations
      ../units
    ];
  };
  # inside of nixpkgs
  #| src = fetchFromGitHub {
  #|   owner = "@OWNER@";
  #|   repo = "@REPO@";
  #|   tag = "v${finalAttrs.version}";
  #|   hash = @HASH@;
  #| };
  # end

  strictDeps = true;
  nativeBuildInputs = [
    meson
    ninja
    pkg-config
  ];
  buildInputs = [
    inih
    json_c
    libseccomp
    systemd
  ];

  # pkg-config would answer with systemd's own output. A library of the store cannot go missing while
  # a system that needs it is there, so inih need not be linked into the programs.
  mesonFlags = [
    "-Dsystemdsystemgeneratordir=${placeholder "out"}/lib/systemd/system-generators"
    "-Dsystemdsystemunitdir=${placeholder "out"}/lib/systemd/system"
    "-Dcatalogdir=${placeholder "out"}/lib/systemd/catalog"
    "-Dtmpfilesdir=${placeholder "out"}/lib/tmpfiles.d"
    "-Dbashcompletiondir=${placeholder "out"}/share/bash-completion/completions"
    "-Dzshcompletiondir=${placeholder "out"}/share/zsh/site-functions"
    "-Dkeep-generator=false"
    "-Dmigratedir=${placeholder "out"}/lib/migrate.d"
    "-Dscriptdir=${placeholder "out"}/lib/migrate"
    "-Dstatic-inih=false"
    "-Dtests=false"
  ];

  postInstall = ''
    substituteInPlace $out/lib/migrate.d/postgresql.ini $out/lib/migrate.d/postgresql/upgrade.ini \
      --replace-fail /usr/lib/migrate/ $out/lib/migrate/
  '';

  # inside of nixpkgs
  #| passthru = {
  #|   tests = nixosTests.migrations;
  #|   updateScript = nix-update-script { };
  #| };
  #|
  # end
  meta = {
    # inside of nixpkgs
    #| homepage = "https://github.com/@OWNER@/@REPO@";
    # end
    description = "Migrates the state of services, and holds them back until it fits their software";
    license = lib.licenses.mit;
    # inside of nixpkgs
    #| maintainers = with lib.maintainers; [ @MAINTAINERS@ ];
    # end
    platforms = lib.platforms.linux;
    mainProgram = "migratectl";
  };
# outside of nixpkgs
}
# inside of nixpkgs
#| })
# end
