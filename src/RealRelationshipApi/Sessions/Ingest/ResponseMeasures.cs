using RealRelationship.Storage.Writing;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Keys of the measures of a response.</summary>
internal sealed class ResponseKeys(Pseudonym whole, ResponseForms forms, PseudonymGenerator pseudonyms, InstrumentSet instruments)
{
    /// <summary>Its own key.</summary>
    public Pseudonym Whole => whole;

    /// <summary>The keys that any version may have measures by: its own, and one for each instrument.</summary>
    public IReadOnlyList<Pseudonym> All => field ??= [whole, .. instruments.Current.Select(i => pseudonyms.Form(whole, i.Code))];

    /// <summary>Those of this version; none if it is a withdrawal.</summary>
    public IReadOnlyList<Pseudonym> Present => field ??= [.. forms.Instruments.Select(KeyOf)];

    /// <summary>Key of the measure of one of its instruments.</summary>
    public Pseudonym KeyOf(string instrument) => forms.HasSeveral ? pseudonyms.Form(whole, instrument) : whole;

    /// <summary>The keys under another one of the response.</summary>
    public ResponseKeys Under(Pseudonym other) => new(other, forms, pseudonyms, instruments);
}

/// <summary>Finds the stored measures of the responses that a transaction stores.</summary>
internal sealed class ResponseMeasures(WriteTransaction transaction, string tenant)
{
    private const int PageLength = 16;

    private static readonly string s_query = $"SELECT DISTINCT measure FROM measure_version WHERE tenant = @tenant AND measure IN ("
        + $"{string.Join(", ", Enumerable.Range(0, PageLength).Select(i => $"@K{i}"))})";

    private readonly Dictionary<Pseudonym, QueuedResult<List<StoredKey>>[]> _pending = [];

    /// <summary>Enqueues the queries of a response.</summary>
    public void Prefetch(ResponseKeys response) => Query(response);

    /// <summary>Keys of the response that had a version when they were queried.</summary>
    public IEnumerable<Pseudonym> FindStored(ResponseKeys response) => Query(response).SelectMany(page => page.Value).Select(row => new Pseudonym(row.Measure));

    private QueuedResult<List<StoredKey>>[] Query(ResponseKeys response)
    {
        if (!_pending.TryGetValue(response.Whole, out var pages))
        {
            pages = [.. response.All.Chunk(PageLength).Select(keys => transaction.ForTenant(tenant).EnqueueQuery<StoredKey>(s_query, KeyPage.Of(keys)))];
            _pending.Add(response.Whole, pages);
        }

        return pages;
    }

    private sealed record StoredKey(byte[] Measure);

    private sealed record KeyPage(byte[] K0, byte[] K1, byte[] K2, byte[] K3, byte[] K4, byte[] K5, byte[] K6, byte[] K7, byte[] K8, byte[] K9, byte[] K10,
        byte[] K11, byte[] K12, byte[] K13, byte[] K14, byte[] K15)
    {
        public static KeyPage Of(Pseudonym[] keys)
        {
            return new(At(0), At(1), At(2), At(3), At(4), At(5), At(6), At(7), At(8), At(9), At(10), At(11), At(12), At(13), At(14), At(15));

            byte[] At(int index) => keys[Math.Min(index, keys.Length - 1)].Bytes;
        }
    }
}
