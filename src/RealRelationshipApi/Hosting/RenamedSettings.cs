namespace RealRelationshipApi.Hosting;

/// <summary>Settings of release 0.1 that were renamed in 0.2. The old names work until 0.3, with a warning at startup; new names take precedence.</summary>
internal sealed class RenamedSettings
{
    /// <summary>Old name and new name, as configuration keys.</summary>
    internal static readonly (string Old, string New)[] s_names =
    [
        ("Access:Origins", "Cors:AllowedOrigins"),
        ("Limits:Analyses", "Limits:ConcurrentAnalyses"),
        ("Limits:Connections", "Limits:MaxConnections"),
        ("Limits:KeptAnswerBytes", "Cache:MaxBytes"),
        ("Limits:RequestSeconds", "Limits:RequestTimeoutSeconds"),
        ("Limits:WaitMilliseconds", "Limits:MaxQueueMilliseconds"),
        ("Limits:WaitingAnalyses", "Limits:QueuedAnalyses"),
        ("Privacy:ErasureList", "Erasure:ListPath"),
        ("Sessions:Window", "Sessions:OutcomeWindow"),
        ("Storage:QueueLength", "Storage:MaxQueuedWrites"),
        ("Storage:ReadConnectionString", "Storage:ReplicaConnectionString"),
        ("Storage:ReadSeconds", "Storage:ReadTimeoutSeconds"),
    ];

    private readonly List<string> _warnings = [];

    /// <summary>Copies the value of each old name to the new one unless that is set.</summary>
    public static RenamedSettings Apply(ConfigurationManager configuration)
    {
        var renamed = new RenamedSettings();
        var values = new Dictionary<string, string?>();
        foreach (var (oldName, newName) in s_names)
        {
            if (configuration[oldName] is not { } value)
            {
                continue;
            }

            var isOverridden = configuration[newName] is not null;
            renamed._warnings.Add($"Setting {EnvironmentName(oldName)} is now called {EnvironmentName(newName)}"
                + (isOverridden ? "; both are set, and the new one counts: remove the old one." : "; the old name will stop working in 0.3."));
            if (!isOverridden)
            {
                values.Add(newName, value);
            }
        }

        configuration.AddInMemoryCollection(values);
        return renamed;
    }

    /// <summary>Logs one warning for each old name that is still set; values are not logged, as they may be secret.</summary>
    public void LogWarnings(ILogger logger)
    {
        foreach (var warning in _warnings)
        {
            logger.LogWarning("{Warning}", warning);
        }
    }

    private static string EnvironmentName(string key) => key.Replace(":", "__", StringComparison.Ordinal);
}
