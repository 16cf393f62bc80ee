using System.Security.Cryptography;

using RealRelationship.Storage;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Bytes that are written once and read once: in memory while they are few, then in a file,
/// encrypted under a key that is nowhere else and goes with this object.</summary>
/// <param name="openFile">Opens an empty file, for when they are many.</param>
internal sealed class EncryptedSpillStream(Func<FileStream> openFile) : WriteOnlyStream
{
    private const int MaxMemoryBytes = 64 * 1024;

    private readonly Aes _aes = Aes.Create();
    private readonly MemoryStream _memory = new();
    private FileStream? _file;
    private CryptoStream? _encrypted;

    /// <exception cref="StorageUnavailableException">There is no room for it.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            if (_encrypted is null && _memory.Length + buffer.Length > MaxMemoryBytes)
            {
                Spill();
            }

            ((Stream?)_encrypted ?? _memory).Write(buffer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException("What becomes of the lines cannot be kept aside now.", error);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // There is nobody who would read before all of it was written.
    }

    /// <summary>All that was written, from the beginning; nothing more can be written then.</summary>
    public Stream ReadBack()
    {
        if (_encrypted is null)
        {
            _memory.Position = 0;
            return _memory;
        }

        _encrypted.FlushFinalBlock();
        _file!.Position = 0;
        return new CryptoStream(_file, _aes.CreateDecryptor(), CryptoStreamMode.Read, leaveOpen: true);
    }

    private void Spill()
    {
        _file = openFile();
        _encrypted = new CryptoStream(_file, _aes.CreateEncryptor(), CryptoStreamMode.Write, leaveOpen: true);
        _memory.WriteTo(_encrypted);
        _memory.SetLength(0);
        _memory.Capacity = 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _encrypted?.Dispose();
            _file?.Dispose();
            _memory.Dispose();
            _aes.Dispose();
        }

        base.Dispose(disposing);
    }
}
