using System.Text;

using RealRelationship.Testing;

using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>What is written once and read once.</summary>
public sealed class EncryptedSpillStreamTests : IDisposable
{
    private static readonly byte[] s_line = Encoding.UTF8.GetBytes("a line with a canary in it\n");

    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "scratch");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public void Written_data_is_read_back(int lines)
    {
        using var scratch = WriteLines(lines);
        using var read = new MemoryStream();
        scratch.ReadBack().CopyTo(read);
        Assert.Equal(Enumerable.Repeat(s_line, lines).SelectMany(line => line), read.ToArray());
    }

    [Fact]
    public void Little_data_stays_in_memory_and_much_is_spilled_encrypted()
    {
        using (WriteLines(100))
        {
            Assert.False(System.IO.File.Exists(File));
        }

        using var scratch = WriteLines(10_000);
        using var read = new StreamReader(new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = read.ReadToEnd();
        Assert.True(new FileInfo(File).Length > 100_000, "the file is empty");
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    private EncryptedSpillStream WriteLines(int lines)
    {
        var scratch = new EncryptedSpillStream(() => new FileStream(File, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite));
        for (var i = 0; i < lines; i++)
        {
            scratch.Write(s_line);
        }

        return scratch;
    }
}
