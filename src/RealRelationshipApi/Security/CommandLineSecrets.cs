using System.Text.RegularExpressions;

namespace RealRelationshipApi.Security;

/// <summary>Detects secrets on the command line, which other users and the shell history can read.</summary>
internal static partial class CommandLineSecrets
{
    private static readonly string[] s_secrets = ["Privacy:Key", "Privacy:EncryptionKeys"];

    /// <summary>The error for a command line that contains a secret, otherwise null.</summary>
    /// <remarks>The message does not repeat the argument.</remarks>
    public static string? FindError(IEnumerable<string> arguments) => arguments.Any(IsSecret)
        ? "A secret stands on the command line, which everybody on this machine can read: set it in the environment (Privacy__Key, Storage__ConnectionString, "
            + "…), or put it into a file and name that (Privacy__Key_FILE, …). Do not use that secret again."
        : null;

    private static bool IsSecret(string argument)
    {
        var name = argument.TrimStart('-', '/').Split('=')[0].Trim().Replace("__", ":", StringComparison.Ordinal);
        return s_secrets.Contains(name, StringComparer.OrdinalIgnoreCase) || name.EndsWith(":Password", StringComparison.OrdinalIgnoreCase)
            || PasswordPattern().IsMatch(argument);
    }

    [GeneratedRegex(@"\b(password|pwd)\s*=\s*[^\s;]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PasswordPattern();
}
