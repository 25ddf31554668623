# services.paperless: one command at every upgrade, documents excluded.
## paperless.ini: Version=2.11.6
## paperless.ini: Directory=/var/lib/paperless
## paperless.ini: Exclude=/var/lib/paperless/media
## paperless.ini: Unit=paperless-web.service
## paperless.ini: [EveryUp]
## paperless.ini: Script=/nix/store/00000000000000000000000000000000-paperless-ngx/bin/paperless-ngx migrate --no-input --skip-checks
## paperless.ini: Environment="PAPERLESS_DATA_DIR=/var/lib/paperless"
{ ... }: {
  module = {
    services.paperless = { enable = true; consumptionDir = "/srv/consume"; };
    systemd.services.paperless-scheduler.environment = { PAPERLESS_DATA_DIR = "/var/lib/paperless"; HOME = "/elsewhere"; };
    migrations.paperless.enable = true;
  };
  holds = one: with one.config.migrations; {
    "a directory outside of the state is not excluded" = services.paperless.exclude == [ "/var/lib/paperless/media" ];
    "the PATH of the service is not copied" = !(services.paperless.environment ? PATH);
    "the environment of the scheduler is copied" = services.paperless.environment.HOME == "/elsewhere";
    "all four services wait for the migration" = services.paperless.units
      == map (name: "paperless-${name}.service") [ "scheduler" "task-queue" "consumer" "web" ];
  };
}
