using System.CommandLine;
using System.Text;

using RealRelationship.Storage;
using RealRelationship.Storage.Backup;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>export [FILE]</c>: writes the whole store as NDJSON.</summary>
internal static class ExportCommand
{
    private const string StandardOutput = "-";

    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "The file to create; an existing file is not overwritten. Default: standard output (`-`).",
            DefaultValueFactory = _ => StandardOutput
        };
        var command = new Command("export",
            "Writes a snapshot of the whole store as NDJSON, for `import` into an empty store with the same Privacy__Key. It is not encrypted.")
        { file };
        command.SetAction((parsed, _) => StoreCommandRunner.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var export = services.GetRequiredService<StoreExporter>();
            var rows = parsed.GetValue(file) is { } path and not StandardOutput ? WriteFile(export, path)
                : export.Write(line => output.Write($"{Encoding.UTF8.GetString(line.Span)}\n"));
            error.WriteLine($"Exported {rows} rows.");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static long WriteFile(StoreExporter export, string path)
    {
        var rows = 0L;
        DurableFile.Write(path, unfinished =>
        {
            using var file = new BufferedStream(File.Create(unfinished), 1 << 16);
            rows = export.Write(line =>
            {
                file.Write(line.Span);
                file.WriteByte((byte)'\n');
            });
        });
        return rows;
    }
}
