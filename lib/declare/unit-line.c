/* SPDX-License-Identifier: MIT */
/* Checks the lines that a declaration may pass to the generated migrate@NAME.service.
 *
 * A declaration may change ordering, conditions, resources, environment and credentials. It may not
 * change the command, its user and its mounts. In a mount namespace of the helper, the swap would
 * fail with EXDEV; with another ExecStart= or Type=, a start could continue before the state is
 * current. */
#include "declare/command.h"
#include "declare/private.h"

/* The keys of [Unit] that are allowed. "*" stands for any text. */
static const char *const unit_keys[] = {
    "After",
    "Before",
    "Requires",
    "Requisite",
    "Wants",
    "BindsTo",
    "Upholds",
    "OnFailure",
    "OnSuccess",
    "Condition*",
    "Assert*",
    "Documentation",
    "DefaultDependencies",
    "RequiresMountsFor",
    "WantsMountsFor",
    "JobTimeout*",
    "X-*",
};

static const char *const service_keys[] = {
    "Environment",
    "EnvironmentFile",
    "PassEnvironment",
    "UnsetEnvironment",
    "LoadCredential*",
    "SetCredential*",
    "ImportCredential",
    "Nice",
    "IOScheduling*",
    "CPU*",
    "Memory*",
    "IO*",
    "Tasks*",
    "Limit*",
    "OOM*",
    "Slice",
    "AllowedCPUs",
    "StartupAllowedCPUs",
    "NUMAPolicy",
    "NUMAMask",
    "TimeoutStartSec",
    "TimeoutStopSec",
    "Log*",
    "Syslog*",
    "ManagedOOM*",
    "StartupCPU*",
    "StartupIO*",
    "StartupMemory*",
};

static const char *const sandbox_keys[] = {
    "Private*",
    "Protect*",
    "Read*Paths",
    "InaccessiblePaths",
    "ExecPaths",
    "NoExecPaths",
    "Bind*Paths",
    "TemporaryFileSystem",
    "Root*",
    "MountFlags",
    "MountAPIVFS",
    "MountImages",
    "ExtensionImages",
    "ExtensionDirectories",
    "DynamicUser",
    "User",
    "Group",
    "SupplementaryGroups",
    "StateDirectory*",
    "CacheDirectory*",
    "LogsDirectory*",
    "RuntimeDirectory*",
    "ConfigurationDirectory*",
    "NoNewPrivileges",
    "CapabilityBoundingSet",
    "AmbientCapabilities",
    "SystemCall*",
    "Restrict*",
    "LockPersonality",
    "NetworkNamespacePath",
    "IPCNamespacePath",
    "SecureBits",
    "UMask",
    "Device*",
    "LogNamespace",
    "MemoryDenyWriteExecute",
};

/* The keys whose values are unit names, which systemd takes literally, without quotes. */
static const char *const dependency_keys[] = {
    "After",   "Before",  "Requires",  "Requisite", "Wants",
    "BindsTo", "Upholds", "OnFailure", "OnSuccess",
};

static bool matches(const char *key, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    size_t head = star ? (size_t)(star - pattern) : strlen(pattern);

    if (!star)
        return streq(key, pattern);
    return strlen(key) >= head && strncmp(key, pattern, head) == 0 && endswith(key, star + 1);
}

static bool matches_any(const char *key, const char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (matches(key, patterns[i]))
            return true;
    return false;
}

bool unit_line_is_for_scripts(const char *key)
{
    return streq(key, "Environment") || streq(key, "EnvironmentFile");
}

bool word_is_assignment(const char *word)
{
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

    return n > 0 && word[n] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

static bool is_environment(const char *value)
{
    _cleanup_free_ char *line = strprintf("/ %s", value);
    _cleanup_strv_ char **words = NULL;
    const char *what;

    if (!line || command_parse(line, &words, &what) < 0)
        return false;
    for (size_t i = 1; words[i]; i++)
        if (!word_is_assignment(words[i]))
            return false;
    return true;
}

const char *unit_line_refused(bool service, const char *key, const char *value)
{
    if (service && matches_any(key, sandbox_keys, ELEMENTSOF(sandbox_keys)))
        return "would put the helper into a sandbox, where the swap fails: scripts have a sandbox "
               "of their own, see User=, Group= and ReadWritePaths= in [State]";
    if (service ? !matches_any(key, service_keys, ELEMENTSOF(service_keys))
                : !matches_any(key, unit_keys, ELEMENTSOF(unit_keys)))
        return "cannot be passed to the generated unit: see migrate.d(5)";
    if (!service && matches_any(key, dependency_keys, ELEMENTSOF(dependency_keys)) &&
        value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\@- "
                            "\t")])
        return "is not a list of units: write their names, without quotes and specifiers";
    if (service && streq(key, "Environment") && !is_environment(value))
        return "is not a list of words NAME=value, quoted as in systemd.exec(5) and without "
               "specifiers";
    if (service && streq(key, "EnvironmentFile") &&
        (value[*value == '-'] != '/' || strpbrk(value, "%*?[")))
        return "is not the absolute path of a file, without specifiers and wildcards";
    /* systemd would combine this line by OR with our conditions, which say when a migration is
     * needed. */
    if (!service && (startswith(key, "Condition") || startswith(key, "Assert")) && value[0] == '|')
        return "begins with '|', which would change when the migration runs: remove the '|'";
    return NULL;
}
