using System.CommandLine;

using RealRelationshipApi.Security;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary>The commands of the executable; without one it runs the service.</summary>
internal static class CommandLine
{
    private static RootCommand CreateRoot() => new("A living meta-analysis of the real relationship in psychotherapy. Without a command it serves.")
    {
        new Command("serve", "Runs the service (the default)."),
        ImportCommand.Create(),
        KeysCommand.Create(),
        MigrateCommand.Create(),
        VerifyCommand.Create(),
        BackupCommand.Create(),
        RestoreCommand.Create(),
        ExportCommand.Create(),
        CopyStoreCommand.Create(),
        EncryptionCommand.Create(),
        HealthcheckCommand.Create(),
    };

    /// <summary>Whether the arguments name a command; all others are settings of the service.</summary>
    public static bool IsCommand(string[] args) =>
        args is [var first, ..] && first != "serve" && (first is "--help" or "-h" or "-?" or "--version" || (!first.StartsWith('-') && !first.StartsWith('/')));

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = CreateRoot().Parse(args);
        if (CommandLineSecrets.FindError(args) is { } exposedSecret)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(exposedSecret);
            return 1;
        }

        return await parsed.InvokeAsync();
    }
}
