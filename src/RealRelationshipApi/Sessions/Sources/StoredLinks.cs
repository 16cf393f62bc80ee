using System.Data;

using RealRelationship.Storage;

using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>All links of a site's keys, for reading.</summary>
internal sealed class StoredLinks
{
    private readonly Dictionary<(Pseudonym Owner, Pseudonym Alias), Pseudonym> _targets;
    private readonly ILookup<Pseudonym, Pseudonym> _aliases;

    private StoredLinks(IEnumerable<Row> rows)
    {
        _targets = rows.ToDictionary(r => (new Pseudonym(r.Owner), new Pseudonym(r.Alias)), r => new Pseudonym(r.Target));
        _aliases = _targets.Where(link => link.Key.Owner.IsNone).ToLookup(link => link.Value, link => link.Key.Alias);
    }

    public static StoredLinks Read(IDbConnection connection, string tenant) =>
        new(connection.ForTenant(tenant).Query<Row>("SELECT owner, alias, target FROM key_link WHERE tenant = @tenant"));

    public Pseudonym PersonOf(Pseudonym key) => _targets.GetValueOrDefault((Pseudonym.None, key), key);

    /// <summary>The other keys that stand for a person.</summary>
    public IEnumerable<Pseudonym> KeysOf(Pseudonym person) => _aliases[person];

    public Pseudonym SessionOf(Pseudonym person, Pseudonym key) => _targets.GetValueOrDefault((person, key), key);

    /// <summary>Persons with linked sessions, sorted.</summary>
    public IEnumerable<Pseudonym> PersonsWithSessions => _targets.Keys.Select(k => k.Owner).Where(owner => !owner.IsNone).Distinct().Order();

    /// <summary>A score with the session and therapist that its keys stand for.</summary>
    public PatientScore Resolve(Pseudonym person, PatientScore score) =>
        score with { Session = SessionOf(person, score.Session), Therapist = PersonOf(score.Therapist) };

    private sealed record Row(byte[] Owner, byte[] Alias, byte[] Target);
}
