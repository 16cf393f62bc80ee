using System.Collections;

namespace RealRelationshipApi.Security;

/// <summary>Reads settings from mounted secret files:
/// <c>Privacy__Key_FILE=/run/secrets/privacy-key</c> sets <c>Privacy__Key</c> to the content of that file.</summary>
internal static class SecretFiles
{
    private const string Suffix = "_FILE";

    /// <summary>Key of the setting that passes the error of an unusable file to <see cref="StartupSecurityValidator"/>.</summary>
    public const string ErrorKey = "SecretFiles:Error";

    public static void AddSecretFiles(this IConfigurationBuilder configuration, IDictionary environment)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in environment.Keys.Cast<string>()
            .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal) && name.Contains("__", StringComparison.Ordinal)))
        {
            var setting = name[..^Suffix.Length];
            if (environment.Contains(setting))
            {
                settings[ErrorKey] = $"{setting} and {name} are both set: leave one of them out.";
            }
            else if (TryRead((string)environment[name]!) is { } secret)
            {
                settings[setting.Replace("__", ":", StringComparison.Ordinal)] = secret;
            }
            else
            {
                settings[ErrorKey] = $"{name} names a file that cannot be read.";
            }
        }

        configuration.AddInMemoryCollection(settings);
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
