# services.paperless: one command at every upgrade, documents excluded.
## paperless.ini: Version=2.11.6
## paperless.ini: Directory=/var/lib/paperless
## paperless.ini: Exclude=/var/lib/paperless/media
## paperless.ini: Unit=paperless-web.service
## paperless.ini: [EveryUp]
## paperless.ini: Environment="PAPERLESS_DATA_DIR=/var/lib/paperless"
{ pkgs, ... }: {
  module = {
    services.paperless = {
      enable = true;
      package = pkgs.paperless-ngx;
      dataDir = "/var/lib/paperless";
      mediaDir = "/var/lib/paperless/media";
      consumptionDir = "/srv/consume";
      user = "paperless";
      settings = { };
      environmentFile = "/run/secrets/paperless";
    };
    systemd.services.paperless-scheduler.environment = { PAPERLESS_DATA_DIR = "/var/lib/paperless"; PATH = "/elsewhere"; };
    migrations.paperless.enable = true;
  };
  holds = one: with one.config.migrations; {
    "what is elsewhere is not excluded" = services.paperless.exclude == [ "/var/lib/paperless/media" ];
    "its own PATH is not taken over" = !(services.paperless.environment ? PATH);
    "secrets stay in their file" = services.paperless.serviceConfig.EnvironmentFile == "/run/secrets/paperless";
    "all four services wait" = builtins.length services.paperless.units == 4;
  };
}
