/** Stands in place of a payload or an output that the server's database role may not read. */
export function Hidden() {
  return <p class="panel-body quiet">Hidden: the database role of this dashboard may not read it.</p>;
}
