# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What happens in the recorded walk, in order. To be sourced by record, which says what the words mean.

machine_create server trixie --fs=ext4
machine_install server
root=$(machine_path server)
mkdir -p "$root/usr/lib/shop" "$root/usr/lib/wiki"

# The software of both services: refuses data of another format than its own.
for service in shop wiki; do
        cat >"$root/usr/lib/$service/$service" <<END
#!/bin/sh
read -r format </var/lib/$service/format
read -r wanted </usr/lib/$service/format
[ "\$format" = "\$wanted" ] || { echo "format \$format instead of \$wanted"; exit 1; }
exec sleep infinity
END
        cat >"$root/etc/systemd/system/$service.service" <<END
[Unit]
Description=The $service

[Service]
ExecStart=/usr/lib/$service/$service

[Install]
WantedBy=multi-user.target
END
done

# shop: orders.csv; from 2 on a file for each month; from 3 on with totals
cat >"$root/usr/lib/shop/by-month" <<'END'
#!/bin/sh
set -eu
cd "$STATE"
wc -l <orders.csv >.expected
mkdir orders
awk -F ';' '{ print >("orders/" substr($1, 1, 7) ".csv") }' orders.csv
rm orders.csv
echo 2 >format
echo "$(cat .expected) orders in $(ls orders | wc -l) months"
sleep 1
END
cat >"$root/usr/lib/shop/verify-by-month" <<'END'
#!/bin/sh
# as many orders as there were
set -eu
cd "$STATE"
found=$(cat orders/*.csv | wc -l)
[ "$found" -eq "$(cat .expected)" ] || { echo "$found orders, $(cat .expected) were expected"; exit 1; }
rm .expected
END
cat >"$root/usr/lib/shop/totals" <<'END'
#!/bin/sh
set -eu
cd "$STATE"
for month in orders/*.csv; do
        echo "totals of $(basename "$month" .csv)"
        awk -F ';' '$3 !~ /^[0-9]+$/ { print FILENAME ":" FNR ": no amount: " $0 >"/dev/stderr"; exit 1 }
                    { total += $3 } END { print total }' "$month" >"${month%.csv}.total"
done
echo 3 >format
END
cat >"$root/usr/lib/wiki/migrate" <<'END'
#!/bin/sh
set -eu
echo "$TO" >"$STATE/format"
echo "the index is made anew"
END
chmod +x "$root"/usr/lib/{shop,wiki}/*

# The packages: shop RELEASE, wiki RELEASE. An older one does not have the newer one's migration.
cat >"$root/usr/local/bin/release" <<'END'
#!/bin/sh
set -eu
echo "$2" >"/usr/lib/$1/format"
mkdir -p "/usr/lib/migrate.d/$1" "/etc/migrate.d/$1.ini.d"
rm -f "/usr/lib/migrate.d/$1"/*
case $1 in
shop)
        cat >/usr/lib/migrate.d/shop.ini <<INI
[State]
Directory=/var/lib/shop
Unversioned=1
Downgrade=restore
INI
        [ "$2" -lt 2 ] || cat >/usr/lib/migrate.d/shop/2-by-month.ini <<INI
[Migration]
From=1
To=2
Description=a file for each month

[Up]
Script=/usr/lib/shop/by-month
Verify=/usr/lib/shop/verify-by-month
Warn=Reports that read orders.csv have to be changed.
INI
        [ "$2" -lt 3 ] || cat >/usr/lib/migrate.d/shop/3-totals.ini <<INI
[Migration]
From=2
To=3
Description=totals of each month

[Up]
Script=/usr/lib/shop/totals
INI
        ;;
wiki)
        cat >/usr/lib/migrate.d/wiki.ini <<INI
[State]
Directory=/var/lib/wiki
Unversioned=11.2

[EveryUp]
Script=/usr/lib/wiki/migrate
INI
        ;;
esac
[ ! -e "/etc/migrate.d/$1.ini.d/50-version.ini" ] ||
        printf '[State]\nVersion=%s\n' "$2" >"/etc/migrate.d/$1.ini.d/50-version.ini"
systemctl daemon-reload
END
chmod +x "$root/usr/local/bin/release"
machine_boot server
quietly <<'END'
mkdir /var/lib/shop /var/lib/wiki
echo 1 >/var/lib/shop/format
echo 11.2 >/var/lib/wiki/format
i=0
while [ $i -lt 2000 ]; do
        echo "2026-0$((i / 400 + 5))-$((i % 28 + 1));customer $((i * 7 % 400));$((i * 13 % 900 + 10))"
        i=$((i + 1))
done >/var/lib/shop/orders.csv
head -c 32M /dev/zero | tr '\0' x >/var/lib/shop/pictures
release shop 1
release wiki 11.2
systemctl enable --now --quiet shop wiki
END

cat >"$raw" <<'END'
# A walk

A server with a shop and a wiki: what an operator types, and what the programs answer. A script has typed it in a
container with real systemd and a terminal of 80 columns, and `./check` does so again and compares (`tests/walk`).
Times and ids have been made even; of a line that is written over again and again (progress) its last state is shown.
END

title '## Declaring what there is'
text <<'END'
Both services have been running for long. Their packages have brought declarations, which do nothing yet:
END
typed 'migratectl'
text <<'END'
So they are enabled. The services go on running.
END
typed 'migratectl enable shop'
typed 'migratectl enable wiki'
typed 'migratectl'
text <<'END'
A version is the name of a file in the state; units start where it is there, without any program of ours.
END
typed 'ls -A /var/lib/shop'

title '## An upgrade: what would happen?'
text <<'END'
The packages of shop 2 and wiki 12.1 are installed. Nothing has been restarted.
END
quietly <<'END'
release shop 2
release wiki 12.1
END
typed 'migratectl'
typed --ends 4 'migratectl plan shop'
typed --ends 4 'migratectl check'
text <<'END'
The plan is tried on this machine's data, while the shop goes on. Nothing of it stays:
END
typed 'migratectl rehearse shop'
typed 'ls -A /var/lib/shop'

title '## Consent, and the migration'
typed --ends 4 'migratectl start shop'
typed --answer 'pprove.*\? ' y 'migratectl approve shop'
typed 'migratectl start shop'
typed --ends 3 'systemctl --no-pager -n 0 status migrate@shop'
typed 'ls -A /var/lib/shop /var/lib/shop/orders'
text <<'END'
The wiki needs no approval. It is migrated when it is restarted, which is all that anybody has to type:
END
typed 'systemctl restart wiki'
typed 'migratectl history'
typed 'migratectl history wiki'
typed 'migratectl backups'

# What follows a start is concluded by a unit that nobody waits for.
concluded() {
        quietly <<'END'
for name in shop wiki; do
        systemctl is-active --quiet "$name"
        until [ ! -e "/var/lib/migrate/$name/post" ]; do sleep 0.05; done
done
END
}

title '## The way back, when nothing was written since'
text <<'END'
Shop 2 does not please, and shop 1 is installed again. It has never heard of the files for each month. Nothing was
written since, so what it left comes back by itself, and shop 2's goes aside:
END
quietly <<'END'
release shop 1
END
typed 'migratectl'
typed 'migratectl start shop'
typed 'ls -A /var/lib/shop'
text <<'END'
And once more forward. An approval is good for one migration, so it is asked for again:
END
quietly <<'END'
release shop 2
END
typed --answer 'y/N. ' y 'migratectl approve shop'
typed 'migratectl start shop'
concluded

title '## The way back, when something was written since'
text <<'END'
Now somebody orders something before shop 1 is installed again. What shop 1 left does not have that order, so nobody but
the operator can say that it is to come back. This time the service is simply restarted:
END
quietly <<'END'
echo '2026-09-30;customer 12;250' >>/var/lib/shop/orders/2026-09.csv
release shop 1
END
typed --ends 1 'systemctl restart shop'
typed --ends 3 'systemctl --no-pager -l -n 5 status shop'
typed 'migratectl'
typed --answer 'y/N. ' y 'migratectl approve shop'
typed 'migratectl start shop'
concluded

title '## Restore'
text <<'END'
The order is not lost, it is in a backup. Forward again there are two ways: to migrate anew what shop 1 has written
meanwhile, or to bring that backup back. (Had nothing been written meanwhile, it would simply come back.)
END
quietly <<'END'
echo '2026-09-30;customer 7;19' >>/var/lib/shop/orders.csv
release shop 2
END
typed --ends 4 'migratectl start shop'
typed 'migratectl backups shop'
backup=$(machine_run server migratectl backups shop --json=short |
         python3 -c 'import json, sys; print([b["id"] for b in json.load(sys.stdin) if b["version"] == "2"][0])')
typed --answer 'y/N. ' y "migratectl restore shop $backup"
typed 'tail -n 1 /var/lib/shop/orders/2026-09.csv'
concluded

title '## A failure'
text <<'END'
Shop 3 wants totals. Among the orders is one without an amount, of which nobody knew.
END
quietly <<'END'
echo '2026-09-30;customer 44;?' >>/var/lib/shop/orders/2026-09.csv
release shop 3
END
typed --ends 1 'systemctl restart shop'
text <<'END'
That is all that one sees at first. What now?
END
typed 'migratectl'
typed 'migratectl status shop'
typed 'journalctl --no-pager -x -n 4 -t systemd-migrate'
text <<'END'
The line is corrected in place:
END
typed "sed -i 's/44;?\$/44;0/' /var/lib/shop/orders/2026-09.csv"
typed 'migratectl retry shop'
typed 'migratectl history'
typed 'migratectl'
