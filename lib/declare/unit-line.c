/* SPDX-License-Identifier: MIT */
/* Which lines a declaration may hand through to the generated migrate@NAME.service.
 *
 * Ordering, conditions, resources, environment and credentials are the declaration's business. What
 * runs, as whom and in which mounts is not: a mount namespace around the helper makes the exchange
 * fail with EXDEV, and another ExecStart= or Type= would let a start go on before the state is
 * right. */
#include "declare/private.h"

/* A trailing '*' stands for any ending. */
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

/* Their values are names of units, which systemd takes as they stand: no quotes. */
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
    /* An alternative condition would be OR-ed with the ones that say when a migration is needed. */
    if (!service && (startswith(key, "Condition") || startswith(key, "Assert")) && value[0] == '|')
        return "begins with '|', which would change when the migration runs: remove the '|'";
    return NULL;
}
