using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>List of erased patients in a file outside backups: pseudonyms, each with a MAC under the privacy key. A restore repeats from it the
/// erasures since the backup.</summary>
internal sealed class ErasureList(Database database, PrivacyKey privacy, IOptions<ErasureOptions> options)
{
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(5);

    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.ListPath ?? database.SidecarBasePath + ".erasures");

    /// <summary>Appends a patient durably before the erasure is committed, so that every acknowledged erasure is on the list.</summary>
    /// <exception cref="StorageUnavailableException">The file cannot be written.</exception>
    public void Add(string tenant, Pseudonym patient)
    {
        var line = JsonSerializer.Serialize(new Line(tenant, Convert.ToHexStringLower(patient.Bytes), ComputeMac(tenant, patient)), JsonSerializerOptions.Web)
            + "\n";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            var isNew = !File.Exists(Path);
            PrivateFiles.Restrict(Path);
            using (var file = OpenLocked(FileMode.OpenOrCreate, FileAccess.ReadWrite))
            {
                DiscardTornLine(file);
                file.Write(Encoding.UTF8.GetBytes(line));
                file.Flush(flushToDisk: true);
            }

            if (isNew)
            {
                DurableFile.FlushDirectory(Path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException("The list of erasures cannot be written to now.", error);
        }
    }

    /// <summary>All patients on the list.</summary>
    /// <exception cref="StorageCorruptionException">A line was not written with this key, or was edited.</exception>
    public IReadOnlySet<(string Tenant, Pseudonym Patient)> Read()
    {
        var all = new HashSet<(string, Pseudonym)>();
        var lines = ReadLines();
        for (var i = 0; i < lines.Length; i++)
        {
            // Text after the last line break is a line torn by a power failure, whose erasure was never acknowledged.
            if (lines[i].Length > 0 && (Parse(lines[i]) ?? ParseAfterTornLine(lines[i])) is { } line)
            {
                var patient = new Pseudonym(Convert.FromHexString(line.Patient));
                all.Add(line.Mac == ComputeMac(line.Tenant, patient) ? (line.Tenant, patient) : throw Edited(i + 1));
            }
            else if (lines[i].Length > 0 && i < lines.Length - 1)
            {
                throw Edited(i + 1);
            }
        }

        return all;

        StorageCorruptionException Edited(int number) => new($"Line {number} of {Path} was edited, or was written with another Privacy__Key.");
    }

    private string[] ReadLines()
    {
        if (!File.Exists(Path))
        {
            return [];
        }

        using var file = OpenLocked(FileMode.Open, FileAccess.Read);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n');
    }

    // Locks out other processes, since stores may share the list.
    private FileStream OpenLocked(FileMode mode, FileAccess access)
    {
        FileStream? file = null;
        IOException? refusal = null;
        return SpinWait.SpinUntil(TryOpen, s_lockTimeout) ? file! : throw refusal!;

        bool TryOpen()
        {
            try
            {
                file = new FileStream(Path, mode, access, access == FileAccess.Read ? FileShare.Read : FileShare.None);
                return true;
            }
            catch (IOException error) when (File.Exists(Path))
            {
                refusal = error;
                return false;
            }
        }
    }

    // Positions the file after its last complete line.
    private static void DiscardTornLine(FileStream file)
    {
        for (var end = file.Length; end >= 0; end--)
        {
            file.Position = Math.Max(0, end - 1);
            if (end == 0 || file.ReadByte() == '\n')
            {
                file.SetLength(end);
                file.Position = end;
                return;
            }
        }
    }

    // Version 0.1 appended the next line directly to a torn one.
    private static Line? ParseAfterTornLine(string text) =>
        text.LastIndexOf("{\"", StringComparison.Ordinal) is var start and > 0 ? Parse(text[start..]) : null;

    private static Line? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(text, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string ComputeMac(string tenant, Pseudonym patient) =>
        Convert.ToHexStringLower(privacy.CreateHash(KeyPurposes.ErasureList).Add(tenant).Add(patient.Bytes).Finish());

    private sealed record Line(string Tenant, string Patient, string Mac);
}

/// <summary>Location of the erasure list.</summary>
internal sealed class ErasureOptions
{
    public const string Section = "Erasure";

    /// <summary>The file; by default next to the SQLite file or to <c>Storage__Path</c>. Replicas share it.</summary>
    public string? ListPath { get; set; }
}
