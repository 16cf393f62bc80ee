using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>Pseudonyms of the same person or session, as a write transaction sees them.</summary>
/// <remarks>Patients and therapists are linked within the site, sessions within their patient (<c>owner</c>): the same session key of two patients, as of a
/// group session, may be linked for one of them only.</remarks>
internal sealed class KeyLinks(WriteTransaction transaction, string tenant)
{
    private readonly Dictionary<(Pseudonym Owner, Pseudonym Alias), Pseudonym> _known = [];
    private readonly Dictionary<(Pseudonym Owner, Pseudonym Alias), QueuedResult<List<byte[]>>> _pending = [];

    private readonly QueuedResult<List<byte[]>> _any = transaction.ForTenant(tenant)
        .EnqueueQuery<byte[]>("SELECT alias FROM key_link WHERE tenant = @tenant LIMIT 1");

    private bool _hasWritten;

    private bool HasLinks => _hasWritten || _any.Value.Count > 0;

    /// <summary>Enqueues the query of a key for <see cref="PersonOf"/>.</summary>
    public void Prefetch(Pseudonym person) => Enqueue(Pseudonym.None, person);

    /// <summary>The person that a key of a patient or therapist stands for.</summary>
    public Pseudonym PersonOf(Pseudonym key) => Resolve(Pseudonym.None, key);

    /// <summary>The session of a person that a key stands for.</summary>
    public Pseudonym SessionOf(Pseudonym person, Pseudonym key) => Resolve(person, key);

    /// <summary>All keys that stand for a person, itself included.</summary>
    public IReadOnlyList<Pseudonym> KeysOf(Pseudonym person) =>
    [
        person, .. !HasLinks ? []
            : transaction.Connection.ForTenant(tenant).Query<byte[]>(
                "SELECT alias FROM key_link WHERE tenant = @tenant AND owner = @owner AND target = @target ORDER BY alias",
                new { owner = Pseudonym.None.Bytes, target = person.Bytes }).Select(bytes => new Pseudonym(bytes)),
    ];

    /// <summary>Links a key of a patient or therapist; false if it was linked so before.</summary>
    public bool LinkPerson(Pseudonym key, Pseudonym person) => Link(Pseudonym.None, key, person);

    /// <summary>Links a session key of a person; false if it was linked so before.</summary>
    public bool LinkSession(Pseudonym person, Pseudonym key, Pseudonym session) => Link(person, key, session);

    /// <summary>Links all keys of a patient to another one: they are the same person.</summary>
    public void Merge(Pseudonym from, Pseudonym to)
    {
        transaction.ForTenant(tenant).Enqueue("UPDATE key_link SET target = @to WHERE tenant = @tenant AND owner = @owner AND target = @from",
            new { owner = Pseudonym.None.Bytes, from = from.Bytes, to = to.Bytes });
        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO key_link (tenant, owner, alias, target)
            SELECT tenant, @to, alias, target FROM key_link WHERE tenant = @tenant AND owner = @from ON CONFLICT DO NOTHING
            """, new { from = from.Bytes, to = to.Bytes });
        DeleteSessions(from);
        _known.Clear();
        _pending.Clear();
        Link(Pseudonym.None, from, to);
    }

    /// <summary>Deletes the links of an erased person.</summary>
    public void Delete(Pseudonym person)
    {
        transaction.ForTenant(tenant).Enqueue("DELETE FROM key_link WHERE tenant = @tenant AND owner = @owner AND target = @target",
            new { owner = Pseudonym.None.Bytes, target = person.Bytes });
        DeleteSessions(person);
        _known.Clear();
        _pending.Clear();
    }

    private void DeleteSessions(Pseudonym person) =>
        transaction.ForTenant(tenant).Enqueue("DELETE FROM key_link WHERE tenant = @tenant AND owner = @owner", new { owner = person.Bytes });

    private bool Link(Pseudonym owner, Pseudonym alias, Pseudonym target)
    {
        if (alias == target || Resolve(owner, alias) == target)
        {
            return false;
        }

        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO key_link (tenant, owner, alias, target) VALUES (@tenant, @owner, @alias, @target)
            ON CONFLICT (tenant, owner, alias) DO UPDATE SET target = excluded.target
            """, new { owner = owner.Bytes, alias = alias.Bytes, target = target.Bytes });
        _known[(owner, alias)] = target;
        _hasWritten = true;
        return true;
    }

    private Pseudonym Resolve(Pseudonym owner, Pseudonym alias)
    {
        if (alias.IsNone || !HasLinks)
        {
            return alias;
        }

        if (_known.TryGetValue((owner, alias), out var target))
        {
            return target;
        }

        target = Enqueue(owner, alias).Value is [var stored] ? new(stored) : alias;
        _known.Add((owner, alias), target);
        return target;
    }

    private QueuedResult<List<byte[]>> Enqueue(Pseudonym owner, Pseudonym alias) => _pending.TryGetValue((owner, alias), out var queued) ? queued
        : _pending[(owner, alias)] = transaction.ForTenant(tenant).EnqueueQuery<byte[]>(
            "SELECT target FROM key_link WHERE tenant = @tenant AND owner = @owner AND alias = @alias",
            new { owner = owner.Bytes, alias = alias.Bytes });
}
