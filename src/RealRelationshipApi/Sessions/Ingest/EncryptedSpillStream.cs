using System.Security.Cryptography;

using RealRelationship.Storage;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Bodies;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>A stream that is written once, then read once. Beyond 64 KiB it spills to a file encrypted with a key that exists only in this object.</summary>
/// <param name="openFile">Opens an empty file to spill to.</param>
internal sealed class EncryptedSpillStream(Func<FileStream> openFile) : WriteOnlyStream
{
    private const int MaxMemoryBytes = 64 * 1024;

    private readonly Aes _aes = Aes.Create();
    private readonly MemoryStream _memory = new();
    private FileStream? _file;
    private CryptoStream? _encrypted;

    /// <exception cref="StorageUnavailableException">The file cannot be written.</exception>
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
        // Nothing to do: reading starts after the last write.
    }

    /// <summary>Ends writing and returns a stream over everything written.</summary>
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
