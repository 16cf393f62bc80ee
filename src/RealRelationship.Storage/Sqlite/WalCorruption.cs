using System.Buffers.Binary;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Distinguishes a corrupted write-ahead log from one truncated by a power cut. SQLite replays both up to the first invalid frame
/// and does not report what it skips.</summary>
/// <remarks>
/// <code>
/// header │ frame │ frame, commit │ frame ✗ │ frame, commit │ frame …
///                                   └ a later transaction starts only after this frame was synced: no power cut explains it
/// </code>
/// sqlite.org/fileformat2.html, "The Write-Ahead Log". Frames left from an earlier generation of the file have other salts and are ignored.
/// </remarks>
internal sealed class WalCorruption
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const int ChecksummedHeaderBytes = 24;
    private const int ChecksummedFrameBytes = 8;
    private const int SaltsOffset = 16;
    private const int FrameSaltsOffset = 8;
    private const int SaltBytes = 8;
    private const int PageSizeOffset = 8;
    private const int DefaultPageSize = 4096;
    private const uint Magic = 0x377f0682;

    private readonly FileStream _wal;
    private readonly byte[] _header = new byte[HeaderBytes];
    private readonly byte[] _frame;
    private readonly bool _isHeaderSound;

    private WalCorruption(FileStream wal)
    {
        _wal = wal;
        wal.ReadExactly(_header);
        _isHeaderSound = (BinaryPrimitives.ReadUInt32BigEndian(_header) & ~1u) == Magic
            && Checksum(_header.AsSpan(0, ChecksummedHeaderBytes), default) == StoredChecksum(_header.AsSpan(ChecksummedHeaderBytes));
        _frame = new byte[FrameHeaderBytes + (_isHeaderSound ? PageSize : DefaultPageSize)];
    }

    private bool IsBigEndian => (_header[3] & 1) == 1;

    // A page size of 65,536 is encoded as 1.
    private int PageSize => BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(PageSizeOffset)) is var size and not 1 ? (int)size : 65_536;

    private ReadOnlySpan<byte> Salts => _header.AsSpan(SaltsOffset, SaltBytes);

    private ReadOnlySpan<byte> FrameSalts => _frame.AsSpan(FrameSaltsOffset, SaltBytes);

    private bool IsCommit => BinaryPrimitives.ReadUInt32BigEndian(_frame.AsSpan(4)) != 0;

    /// <summary>Describes the corruption in one sentence; null when there is no log, or nothing that a power cut could not have caused.</summary>
    public static string? Find(string path)
    {
        try
        {
            using var wal = new FileStream($"{path}-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 20);
            return wal.Length < HeaderBytes + FrameHeaderBytes ? null : new WalCorruption(wal).Find() is { } at
                ? $"The write-ahead log of {path} is damaged {at}: what was acknowledged after that is lost to it. Restore the store from a backup." : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string? Find() => _isHeaderSound ? FindInFrames() : FindInHeader();

    // The header is synced before the first frame is written. If one salt still matches, these frames belong to this header.
    private string? FindInHeader() => TryRead(0) && (Salts[..4].SequenceEqual(FrameSalts[..4]) || Salts[4..].SequenceEqual(FrameSalts[4..])) ? "in its header"
        : null;

    private string? FindInFrames()
    {
        var (sum, number) = (StoredChecksum(_header.AsSpan(ChecksummedHeaderBytes)), 0L);
        while (TryRead(number) && IsValidNextFrame(ref sum))
        {
            number++;
        }

        if (!IsFollowedByALaterTransaction(number))
        {
            return null;
        }

        // A concurrent writer may have overwritten the frame while it was read: check it again.
        return TryRead(number) && !IsValidNextFrame(ref sum) ? $"at its frame {number + 1}" : null;
    }

    private bool IsFollowedByALaterTransaction(long number)
    {
        for (var committed = false; TryRead(number); number++)
        {
            if (!Salts.SequenceEqual(FrameSalts))
            {
                continue;
            }

            if (committed)
            {
                return true;
            }

            committed = IsCommit;
        }

        return false;
    }

    private bool TryRead(long number)
    {
        _wal.Position = HeaderBytes + (number * _frame.Length);
        return _wal.ReadAtLeast(_frame, _frame.Length, throwOnEndOfStream: false) == _frame.Length;
    }

    private bool IsValidNextFrame(ref (uint, uint) sum)
    {
        var own = Checksum(_frame.AsSpan(FrameHeaderBytes), Checksum(_frame.AsSpan(0, ChecksummedFrameBytes), sum));
        if (!Salts.SequenceEqual(FrameSalts) || own != StoredChecksum(_frame.AsSpan(FrameSaltsOffset + SaltBytes)))
        {
            return false;
        }

        sum = own;
        return true;
    }

    private (uint First, uint Second) Checksum(ReadOnlySpan<byte> bytes, (uint First, uint Second) sum)
    {
        var (s0, s1) = sum;
        for (var i = 0; i < bytes.Length; i += 8)
        {
            s0 += Word(bytes[i..]) + s1;
            s1 += Word(bytes[(i + 4)..]) + s0;
        }

        return (s0, s1);
    }

    private uint Word(ReadOnlySpan<byte> bytes) => IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static (uint First, uint Second) StoredChecksum(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
}
