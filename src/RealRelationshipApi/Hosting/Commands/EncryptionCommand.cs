using System.CommandLine;

using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>encryption rotate</c>: re-encrypts values of older keys with the newest key.</summary>
internal static class EncryptionCommand
{
    public static Command Create() => new("encryption", "Looks after what is sealed.") { CreateRotate() };

    private static Command CreateRotate()
    {
        var command = new Command("rotate",
            "Re-encrypts all values of older keys with the first of Privacy__EncryptionKeys, in small batches, also while the service runs. Existing "
                + "encrypted backups are not rewritten: keep their keys as long as the backups.");
        command.SetAction((parsed, cancellation) => StoreCommandRunner.RunAsync(parsed.InvocationConfiguration.Error, async services =>
        {
            var (output, errors) = (parsed.InvocationConfiguration.Output, 0L);
            var counts = await services.GetRequiredService<KeyRotation>().RunAsync(error =>
            {
                errors++;
                parsed.InvocationConfiguration.Error.WriteLine(error);
            }, cancellation);
            foreach (var (column, count) in counts)
            {
                await output.WriteLineAsync($"{column.Table}.{column.Column}: {count} sealed anew.");
            }

            await output.WriteLineAsync($"{counts.Sum(c => c.Sealed)} values were sealed anew, {errors} faults.");
            return errors == 0 ? 0 : 1;
        }, cancellation));
        return command;
    }
}
