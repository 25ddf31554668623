/* SPDX-License-Identifier: MIT */
/* Checks the lines that a declaration may pass to the generated migrate@NAME.service. If the helper
 * had its own mount namespace, the swap would fail with EXDEV; with another ExecStart= or Type=, a
 * start could continue before the state is current. */
#include "declare/command.h"
#include "declare/private.h"

#include <fnmatch.h>

/* The keys of [Unit] that are allowed. "*" stands for any text. */
static const char unit_keys[] =
    "After Before Requires Requisite Wants BindsTo Upholds OnFailure OnSuccess Condition* "
    "Assert* Documentation DefaultDependencies RequiresMountsFor WantsMountsFor JobTimeout* X-*";

static const char service_keys[] =
    "Environment EnvironmentFile PassEnvironment UnsetEnvironment LoadCredential* "
    "SetCredential* ImportCredential Nice IOScheduling* CPU* Memory* IO* Tasks* Limit* OOM* "
    "Slice AllowedCPUs StartupAllowedCPUs NUMAPolicy NUMAMask TimeoutStartSec TimeoutStopSec "
    "Log* Syslog* ManagedOOM* StartupCPU* StartupIO* StartupMemory*";

static const char sandbox_keys[] =
    "Private* Protect* Read*Paths InaccessiblePaths ExecPaths NoExecPaths Bind*Paths "
    "TemporaryFileSystem Root* MountFlags MountAPIVFS MountImages ExtensionImages "
    "ExtensionDirectories DynamicUser User Group SupplementaryGroups StateDirectory* "
    "CacheDirectory* LogsDirectory* RuntimeDirectory* ConfigurationDirectory* NoNewPrivileges "
    "CapabilityBoundingSet AmbientCapabilities SystemCall* Restrict* LockPersonality "
    "NetworkNamespacePath IPCNamespacePath SecureBits UMask Device* LogNamespace "
    "MemoryDenyWriteExecute";

/* The keys whose values are unit names, which systemd takes literally, without quotes. */
static const char dependency_keys[] =
    "After Before Requires Requisite Wants BindsTo Upholds OnFailure OnSuccess";

static bool matches_any(const char *key, const char *patterns)
{
    for (size_t n; *patterns; patterns += n + strspn(patterns + n, " ")) {
        char pattern[64];

        n = strcspn(patterns, " ");
        snprintf(pattern, sizeof(pattern), "%.*s", (int)n, patterns);
        if (fnmatch(pattern, key, 0) == 0)
            return true;
    }
    return false;
}

bool unit_line_is_for_scripts(const char *key)
{
    return streq(key, "Environment") || streq(key, "EnvironmentFile");
}

bool word_is_assignment(const char *word)
{
    size_t n = strspn(word, LETTERS DIGITS "_");

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
    if (service && matches_any(key, sandbox_keys))
        return "would put the helper into a sandbox, where the swap fails: scripts have a sandbox "
               "of their own, see User=, Group= and ReadWritePaths= in [State]";
    if (service ? !matches_any(key, service_keys) : !matches_any(key, unit_keys))
        return "cannot be passed to the generated unit: see migrate.d(5)";
    if (!service && words_contain(dependency_keys, key, strlen(key)) &&
        value[strspn(value, UNIT_CHARACTERS " \t")])
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
