using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>List of erased patients in a file outside backups: pseudonyms, each with its store and a MAC under the privacy key. A restore repeats from it
/// the erasures since the backup.</summary>
/// <remarks>
/// Stores may share the list. A line names the store that erased; one of release 0.1 names none and counts for every store. A restored store is another
/// store: a line says of which one it continues the history, so that its erasures are repeated in older backups, too.
/// </remarks>
internal sealed class ErasureList(Database database, PrivacyKey privacy, IOptions<ErasureOptions> options)
{
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.ListPath ?? database.SidecarBasePath + ".erasures");

    /// <summary>Appends a patient durably before the erasure is committed, so that every acknowledged erasure is on the list.</summary>
    /// <exception cref="StorageUnavailableException">The file cannot be written.</exception>
    public void Add(string? store, string tenant, Pseudonym patient) =>
        Append(Sign(new Line(store, tenant, Convert.ToHexStringLower(patient.Bytes), null, "")));

    /// <summary>Records that a store continues the history of another, from which it was restored.</summary>
    /// <exception cref="StorageUnavailableException">The file cannot be written.</exception>
    public void AddRestored(string store, string from) => Append(Sign(new Line(store, null, null, from, "")));

    private void Append(Line added)
    {
        var line = JsonSerializer.Serialize(added, s_json) + "\n";
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
    public IReadOnlySet<(string Tenant, Pseudonym Patient)> Read() => ReadErasures(ReadVerified());

    /// <summary>The patients erased in a store, and in those that continue its history.</summary>
    /// <param name="store">Identity of the store; null for one of release 0.1, for which every line counts.</param>
    /// <exception cref="StorageCorruptionException">A line was not written with this key, or was edited.</exception>
    public IReadOnlySet<(string Tenant, Pseudonym Patient)> Read(string? store)
    {
        var lines = ReadVerified();
        if (store is null)
        {
            return ReadErasures(lines);
        }

        var stores = new HashSet<string> { store };
        while (lines.Find(line => line.From is { } from && stores.Contains(from) && !stores.Contains(line.Store!)) is { } restored)
        {
            stores.Add(restored.Store!);
        }

        return ReadErasures(lines.Where(line => line.Store is null || stores.Contains(line.Store)));
    }

    private static HashSet<(string Tenant, Pseudonym Patient)> ReadErasures(IEnumerable<Line> lines) =>
        [.. lines.Where(line => line.Patient is not null).Select(line => (line.Tenant!, new Pseudonym(Convert.FromHexString(line.Patient!))))];

    private List<Line> ReadVerified()
    {
        var all = new List<Line>();
        var lines = ReadLines();
        for (var i = 0; i < lines.Length; i++)
        {
            // Text after the last line break is a line torn by a power failure, whose erasure was never acknowledged.
            if (lines[i].Length > 0 && (Parse(lines[i]) ?? ParseAfterTornLine(lines[i])) is { } line)
            {
                all.Add(IsGenuine(line) ? line : throw Edited(i + 1));
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
            return JsonSerializer.Deserialize<Line>(text, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsGenuine(Line line)
    {
        try
        {
            return line.Mac == Sign(line).Mac;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private Line Sign(Line line) => line with { Mac = Convert.ToHexStringLower(ComputeMac(line)) };

    // Lines of release 0.1 have a tenant and a patient only.
    private byte[] ComputeMac(Line line)
    {
        var hash = privacy.CreateHash(KeyPurposes.ErasureList);
        if (line.From is not null)
        {
            return hash.Add(line.Store).Add(line.From).Add("restored").Finish();
        }

        hash.Add(line.Tenant).Add(Convert.FromHexString(line.Patient ?? ""));
        return (line.Store is null ? hash : hash.Add(line.Store)).Finish();
    }

    /// <param name="Store">The store that erased, or was restored; null of release 0.1.</param>
    /// <param name="Tenant">Site of the patient.</param>
    /// <param name="Patient">Pseudonym of the patient.</param>
    /// <param name="From">The store whose history a restored one continues.</param>
    /// <param name="Mac">Keyed hash of the others.</param>
    private sealed record Line(string? Store, string? Tenant, string? Patient, string? From, string Mac);
}

/// <summary>Reports damaged lines of the list.</summary>
internal sealed class ErasureListCheck(ErasureList list) : SidecarCheck
{
    public override string Name => "the list of erasures";

    public override void Run(VerificationResult result) => list.Read();
}

/// <summary>Location of the erasure list.</summary>
internal sealed class ErasureOptions
{
    public const string Section = "Erasure";

    /// <summary>The file; by default next to the SQLite file or to <c>Storage__Path</c>. Replicas share it.</summary>
    public string? ListPath { get; set; }
}
