using System.Security.Cryptography;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Storage;

/// <summary>Bytes that are written once and read once: in memory while they are few, then in a file, encrypted under a key that is nowhere else and goes with this object.</summary>
/// <param name="open">Opens an empty file, for when they are many.</param>
internal sealed class ScratchStream(Func<FileStream> open) : WriteOnlyStream
{
    private const int MostInMemory = 64 * 1024;

    private readonly Aes _aes = Aes.Create();
    private readonly MemoryStream _memory = new();
    private FileStream? _file;
    private CryptoStream? _encrypted;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_encrypted is null && _memory.Length + buffer.Length > MostInMemory)
        {
            _file = open();
            _encrypted = new CryptoStream(_file, _aes.CreateEncryptor(), CryptoStreamMode.Write, leaveOpen: true);
            _memory.WriteTo(_encrypted);
            _memory.SetLength(0);
            _memory.Capacity = 0;
        }

        ((Stream?)_encrypted ?? _memory).Write(buffer);
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
