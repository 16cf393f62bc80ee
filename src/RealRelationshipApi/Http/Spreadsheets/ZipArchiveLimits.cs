using System.IO.Compression;

namespace RealRelationshipApi.Http.Spreadsheets;

/// <summary>Decompresses every entry of a zip file once, within limits, before a parser reads it.</summary>
internal static class ZipArchiveLimits
{
    public const int MaxEntries = 1_000;
    public const long MaxBytes = 50_000_000;
    public const int MaxRatio = 100;

    // Small entries may be of one repeated byte.
    private const long MinBytesOfRatio = 1_000_000;

    /// <summary>The limit that the archive exceeds; null for none.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static string? FindExcess(ZipArchive archive)
    {
        if (archive.Entries.Count > MaxEntries)
        {
            return $"has {archive.Entries.Count} entries, and {MaxEntries} are the most";
        }

        var total = 0L;
        var buffer = new byte[64 * 1024];
        foreach (var entry in archive.Entries)
        {
            var ofEntry = 0L;
            using var content = entry.Open();
            while (content.Read(buffer) is > 0 and var read)
            {
                (ofEntry, total) = (ofEntry + read, total + read);
                if (total > MaxBytes)
                {
                    return $"has more than {MaxBytes / 1_000_000} MB when decompressed";
                }

                if (ofEntry > MinBytesOfRatio && ofEntry > MaxRatio * Math.Max(1, entry.CompressedLength))
                {
                    return $"is compressed to less than 1/{MaxRatio} of its size";
                }
            }
        }

        return null;
    }
}
