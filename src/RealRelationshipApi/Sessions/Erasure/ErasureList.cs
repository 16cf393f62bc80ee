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
            using (var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            {
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
        foreach (var (text, number) in File.Exists(Path) ? File.ReadAllText(Path).Split('\n').Select((text, i) => (text, i + 1)) : [])
        {
            // A line truncated by a power failure belongs to an erasure that was never acknowledged.
            if (text.Length > 0 && Parse(text) is { } line)
            {
                var patient = new Pseudonym(Convert.FromHexString(line.Patient));
                all.Add(
                    line.Mac == ComputeMac(line.Tenant, patient) ? (line.Tenant, patient)
                        : throw new StorageCorruptionException($"Line {number} of {Path} was edited, or was written with another Privacy__Key."));
            }
        }

        return all;
    }

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
